#!/bin/bash
# boot.sh [TREE]: boots a real systemd in a disposable container and tries the installed units in it.
#
# TREE is what `make install DESTDIR=TREE` made; without it the release programs are installed into a
# temporary one. The container sees this machine's /usr with the tree laid over it, read-only; all
# else (/etc, /run, /tmp, /var) is its own and empty, so nothing of this machine is touched, and
# nothing of its configuration is started. Its network is its own too.
#
# Prints a line for each check and a summary. Exits 0 when no check failed, and also, with a word why,
# where the machine can't boot such a container.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
boot_seconds_max=480

skip() {
  echo "systemd test skipped: $*"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}

[ "$(id -u)" -eq 0 ] || skip "not root"
for tool in systemd-nspawn socat setpriv unshare; do
  command -v "$tool" >/dev/null || skip "no $tool on this machine"
done
[ -x /usr/lib/systemd/systemd ] || skip "no systemd on this machine"
[ -L /bin ] && [ -L /lib ] || skip "/bin and /lib are not merged into /usr"

# The mounts below are seen by this process and the container alone.
if [ -z "${SESSIOND_TEST_NAMESPACE:-}" ]; then
  unshare --mount true 2>/dev/null || skip "no right to make a mount namespace"
  SESSIOND_TEST_NAMESPACE=1 exec unshare --mount --propagation private "$here/boot.sh" "$@"
fi

work=$(mktemp -d /tmp/sessiond-boot.XXXXXX)
clean() {
  umount "$work/root/usr" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
mkdir -p "$work/root/usr" "$work/result" "$work/layer/usr/lib"/{systemd/system,systemd/system-preset,sysusers.d}

tree=${1:-}
if [ -z "$tree" ]; then
  tree=$work/tree
  DESTDIR=$tree PREFIX=/usr/local "$here/../../scripts/install.sh"
fi

layer=$work/layer/usr/lib
cp "$here/container/scenario.service" "$here/container/scenario.target" "$layer/systemd/system/"
cp "$here/container/scenario.sysusers" "$layer/sysusers.d/scenario.conf"
# An empty /etc looks like a first boot, at which presets decide what is switched on.
echo "disable *" >"$layer/systemd/system-preset/00-scenario.preset"
mount -t overlay sessiond-test -o "ro,lowerdir=$work/layer/usr:$tree/usr:/usr" "$work/root/usr" 2>"$work/error" ||
  skip "no overlay file system: $(cat "$work/error")"

console=$work/console
started=$SECONDS
status=0
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout -k 10 "$boot_seconds_max" \
  systemd-nspawn --quiet --directory="$work/root" --boot --volatile=yes \
  --register=no --keep-unit --private-network --console=pipe --link-journal=no \
  --bind="$work/result:/result" --bind-ro="$here:/scenario" --bind-ro="$tree/etc/sessiond:/installed" \
  systemd.firstboot=no systemd.unit=scenario.target </dev/null >"$console" 2>&1 || status=$?

if [ ! -e "$work/result/booted" ]; then
  cat "$console"
  [ "$status" -ne 124 ] || { echo "the container did not boot within $boot_seconds_max s" >&2; exit 1; }
  skip "systemd-nspawn can't boot a container here (status $status)"
fi
cat "$work/result/output"
echo "($((SECONDS - started)) s in the container, systemd $(cat "$work/result/booted"))"
tail -n 1 "$work/result/output" | grep -q '^[0-9]* passed, 0 failed, [0-9]* skipped$' || {
  [ ! -e "$work/result/journal" ] || grep -i sessiond "$work/result/journal" | tail -n 200
  [ "$status" -eq 0 ] || echo "the container ended with status $status" >&2
  exit 1
}
