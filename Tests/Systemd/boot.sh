#!/bin/bash
# boot.sh [TREE]: boots a real systemd in a disposable container and tries the installed units in it.
#
# TREE is what `make install DESTDIR=TREE` made; without it the release programs are installed into a
# temporary one. The container sees this machine's /usr with the tree laid over it, read-only; all
# else (/etc, /run, /tmp, /var) is its own and empty, so nothing of this machine is touched, and
# nothing of its configuration is started. Its network is its own too.
#
# The first container runs all of cases/; a second one is booted again for each file of reboots/, with the same
# /var/lib/sessiond; a third one, without the tree, runs packages/ where dpkg-shlibdeps is at hand. Its two packages have
# the same programs, unless OLDER=DIRECTORY, which is absolute, says where an older build's lie: then the older package has
# these, and it is tried what a new program takes over from an old one. PARTS=packages runs that alone.
#
# Prints a line for each check, and a summary of each container. Exits 0 when no check failed, and also, with a word why,
# where the machine can't boot such a container or lacks what a check wants. With SESSIOND_DEMAND_SYSTEMD=1 either is a
# failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
boot_seconds_max=60
scenario_seconds_max=900
reboots_seconds_max=120
packages_seconds_max=300

skip() {
  echo "systemd test skipped: $*"
  echo "0 passed, 0 failed, 1 skipped"
  [ "${SESSIOND_DEMAND_SYSTEMD:-}" != 1 ] || exit 1
  exit 0
}

older=${OLDER:-}
case $older in
'') ;;
/*)
  [ -x "$older/sessiond" ] && [ -x "$older/sessionctl" ] || {
    echo "systemd test: no programs in OLDER, $older" >&2
    exit 1
  }
  ;;
*)
  echo "systemd test: OLDER is not absolute: $older" >&2
  exit 64
  ;;
esac

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
# Its systemd shuts down on SIGTERM; a second one makes nspawn end it at once. (A SIGKILL would leave it behind.)
stop_container() {
  local signals
  for signals in 1 2; do
    kill "$container" 2>/dev/null || return 0
    for _ in $(seq 30); do
      kill -0 "$container" 2>/dev/null || return 0
      sleep 0.1
    done
  done
}

clean() {
  [ -z "$container" ] || stop_container
  umount "$work/root/usr" "$work/machine/usr" "$work/writes" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work/root/usr" "$work/result" "$work/layer/usr/lib"/{systemd/system,systemd/system-preset,sysusers.d}

tree=${1:-}
if [ -z "$tree" ]; then
  tree=$work/tree
  DESTDIR=$tree PREFIX=/usr/local "$here/../../scripts/install.sh"
fi

layer=$work/layer/usr/lib
cp "$here"/container/*.service "$here"/container/*.target "$layer/systemd/system/"
cp "$here/container/scenario.sysusers" "$layer/sysusers.d/scenario.conf"
# A policy of this machine against starting services is none of the container's.
mkdir -p "$work/layer/usr/sbin"
printf '#!/bin/sh\nexit 0\n' >"$work/layer/usr/sbin/policy-rc.d"
chmod 0755 "$work/layer/usr/sbin/policy-rc.d"
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

# boot SECONDS TARGET OPTION…: boots the container and waits for its end, so long at most. Its exit status is left in
# $status.
boot() {
  local started=$SECONDS seconds_max=$1 target=$2 elapsed
  shift 2
  rm -f "$work/result/booted"
  "${nspawn[@]}" "$@" --boot systemd.firstboot=no systemd.unit="$target" </dev/null >"$work/console" 2>&1 &
  container=$!
  while kill -0 "$container" 2>/dev/null; do
    elapsed=$((SECONDS - started))
    if [ ! -e "$work/result/booted" ] && [ "$elapsed" -ge "$boot_seconds_max" ]; then
      stop_container
      break
    elif [ "$elapsed" -ge "$seconds_max" ]; then
      echo "stopped after $elapsed s" >>"$work/result/output"
      stop_container
      break
    fi
    sleep 0.2
  done
  status=0
  wait "$container" || status=$?
  container=
  [ ! -e "$work/result/booted" ] || return 0
  tail -n 40 "$work/console"
  ! grep -qE 'Freezing execution|Failed to (mount|allocate manager)' "$work/console" ||
    skip "systemd can't be PID 1 in a container here"
  echo "systemd test: the container did not come to the checks (status $status)" >&2
  exit 1
}

# report: prints what the container's checks said, and notes whether all went well.
failures=0
report() {
  cat "$work/result/output"
  tail -n 1 "$work/result/output" | grep -q '^[0-9]* passed, 0 failed, [0-9]* skipped$' && return
  failures=1
  [ ! -e "$work/result/journal" ] || grep -i sessiond "$work/result/journal" | tail -n 200
}

cases() {
  boot "$scenario_seconds_max" scenario.target
  report
}

# A machine that is rebooted, and then reset, and whose disk is /var/lib/sessiond. nspawn tells of a reboot by the
# exit status 133, and leaves the next boot to whoever started it.
reboots() {
  mkdir -p "$work/disk"
  echo 0 >"$work/result/boot"
  echo "# reboots"
  for _ in "$here"/reboots/*.sh; do
    boot "$reboots_seconds_max" reboots.target --bind="$work/disk:/var/lib/sessiond"
    [ "$status" -eq 133 ] || break
  done
  report
}

# package ARGUMENT…: what deb.sh makes, without the time that packing takes.
package() { DPKG_DEB_COMPRESSOR_TYPE=none "$here/../../scripts/deb.sh" "$@" >/dev/null; }

# A machine on which sessiond is no more than two packages, which are the same but for their version, and for their
# programs where OLDER names others.
packages() {
  local programs=${PROGRAMS:-.build/release}
  echo "# packages${older:+, the older one with the programs of $older}"
  command -v dpkg-shlibdeps >/dev/null || {
    echo "packages skipped: no dpkg-shlibdeps here (dpkg-dev)"
    echo "0 passed, 0 failed, 1 skipped"
    [ "${SESSIOND_DEMAND_SYSTEMD:-}" != 1 ] || failures=1
    return 0
  }
  mkdir -p "$work"/{machine/usr,writes}
  # This tree's pages want the help of this tree's programs.
  HELP_OF=$programs package --version 0.0.1 --output "$work/packages/old" --programs "${older:-$programs}"
  package --output "$work/packages/new"
  mount -t tmpfs sessiond-test "$work/writes"
  mkdir "$work/writes/usr" "$work/writes/work"
  mount -t overlay sessiond-test "$work/machine/usr" \
    -o "lowerdir=$work/layer/usr:/usr,upperdir=$work/writes/usr,workdir=$work/writes/work"
  boot "$packages_seconds_max" packages.target --directory="$work/machine" \
    --bind-ro="$work/packages:/packages" --bind-ro=/var/lib/dpkg:/dpkg
  report
}

began=$SECONDS
# PARTS names those that are to run, for whoever works on one of them.
for part in ${PARTS:-cases reboots packages}; do
  rm -rf "$work/result"
  mkdir "$work/result"
  # A service in the container has no environment of this process.
  [ "${SESSIOND_DEMAND_SYSTEMD:-}" != 1 ] || touch "$work/result/demanded"
  "$part"
done
echo "($((SECONDS - began)) s in containers, systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'))"
exit "$failures"
