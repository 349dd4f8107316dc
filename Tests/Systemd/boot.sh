#!/bin/bash
# boot.sh [TREE]: boots a real systemd in a disposable container and tries the installed units in it.
#
# TREE is what `make install DESTDIR=TREE` made; without it the release programs are installed into a
# temporary one. The container sees this machine's /usr with the tree laid over it, read-only; all
# else (/etc, /run, /tmp, /var) is its own and empty, so nothing of this machine is touched, and
# nothing of its configuration is started. Its network is its own too.
#
# Prints a line for each check and a summary. Exits 0 when no check failed, and also, with a word why,
# where the machine can't boot such a container, unless SESSIOND_DEMAND_SYSTEMD=1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
boot_seconds_max=60
scenario_seconds_max=480

skip() {
  echo "systemd test skipped: $*"
  echo "0 passed, 0 failed, 1 skipped"
  [ "${SESSIOND_DEMAND_SYSTEMD:-}" != 1 ] || exit 1
  exit 0
}

[ "$(id -u)" -eq 0 ] || skip "not root"
for tool in systemd-nspawn socat setpriv unshare mount; do
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
container=
clean() {
  [ -z "$container" ] || kill -KILL "$container" 2>/dev/null || true
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

# A container over the tree.
nspawn=(env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet
  --machine="sessiond-test-$$" --directory="$work/root" --volatile=yes --register=no --keep-unit
  --private-network --console=pipe --link-journal=no
  --bind="$work/result:/result" --bind-ro="$here:/scenario" --bind-ro="$tree/etc/sessiond:/installed")

"${nspawn[@]}" --as-pid2 /bin/true </dev/null >"$work/console" 2>&1 ||
  skip "no container starts here: $(tail -n 1 "$work/console")"

started=$SECONDS
"${nspawn[@]}" --boot systemd.firstboot=no systemd.unit=scenario.target \
  </dev/null >"$work/console" 2>&1 &
container=$!
stop_container() {
  # Its systemd shuts down on SIGTERM; the second signal ends it at once.
  kill "$container" 2>/dev/null || true
  sleep 3
  kill -KILL "$container" 2>/dev/null || true
}
while kill -0 "$container" 2>/dev/null; do
  elapsed=$((SECONDS - started))
  if [ ! -e "$work/result/booted" ] && [ "$elapsed" -ge "$boot_seconds_max" ]; then
    stop_container
    break
  elif [ "$elapsed" -ge "$scenario_seconds_max" ]; then
    echo "stopped after $elapsed s" >>"$work/result/output"
    stop_container
    break
  fi
  sleep 0.2
done
status=0
wait "$container" || status=$?

if [ ! -e "$work/result/booted" ]; then
  tail -n 40 "$work/console"
  ! grep -qE 'Freezing execution|Failed to (mount|allocate manager)' "$work/console" ||
    skip "systemd can't be PID 1 in a container here"
  echo "systemd test: the container did not come to the scenario (status $status)" >&2
  exit 1
fi
cat "$work/result/output"
echo "($((SECONDS - started)) s in the container, systemd $(cat "$work/result/booted"))"
tail -n 1 "$work/result/output" | grep -q '^[0-9]* passed, 0 failed, [0-9]* skipped$' || {
  [ ! -e "$work/result/journal" ] || grep -i sessiond "$work/result/journal" | tail -n 200
  exit 1
}
