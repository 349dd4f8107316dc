#!/bin/bash
# Builds Examples/visits as somebody without the daemon's libraries would, in a place of its own, and runs it in several
# processes against a daemon. What the libraries bring is hidden where that can be done: by mounts that only the build sees;
# with SESSIOND_DEMAND_MOUNTS=1 it has to be.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
example=$PWD/Examples/visits
programs=$PWD/.build/release

directory=$(mktemp -d)
daemon=
stop() {
  status=$?
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
  fi
  rm -rf "$directory"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

# The headers, and what pkg-config would say of them.
hidden=()
for path in /usr/include/systemd /usr/include/hiredis /usr/include/sqlite3.h /usr/include/sqlite3ext.h \
  /usr/lib/*/pkgconfig/libsystemd.pc /usr/lib/*/pkgconfig/sqlite3.pc /usr/lib/*/pkgconfig/hiredis.pc \
  /usr/share/pkgconfig/libsystemd.pc; do
  [ -e "$path" ] && hidden+=("$path")
done
mkdir "$directory/nothing"
: >"$directory/empty"
cat >"$directory/build.sh" <<'BUILD'
set -eu
directory=$1 swift=$2 example=$3
shift 3
for path in "$@"; do
  if [ -d "$path" ]; then mount --bind "$directory/nothing" "$path"; else mount --bind "$directory/empty" "$path"; fi
done
exec "$swift" build --package-path "$example" --scratch-path "$directory/build" \
  --explicit-target-dependency-import-check error
BUILD

apart=()
for way in "unshare --mount" "unshare --mount --map-root-user"; do
  $way true 2>/dev/null && apart=($way) && break
done
if [ ${#apart[@]} -eq 0 ]; then
  echo "example: mounts can't be made here, so the libraries stay in sight" >&2
  [ "${SESSIOND_DEMAND_MOUNTS:-}" != 1 ] || exit 1
  hidden=()
fi
SECONDS=0
"${apart[@]}" sh "$directory/build.sh" "$directory" "$swift" "$example" "${hidden[@]}"
echo "example: built in $SECONDS s"

# Neither compiled nor linked. (The package manager plans every product of a package, also those that nobody wants, so
# its plan tells nothing.)
compiled() { find "$directory/build/" -path "*/$1.build/*" -name '*.o' -print -quit; }
for module in SessionServer SessionStore SessionCache ArgumentParser Logging; do
  [ -z "$(compiled "$module")" ] || { echo "example: it compiled $module, a part of the daemon" >&2; exit 1; }
done
[ -n "$(compiled SessionClient)" ] || { echo "example: what it compiled is not found" >&2; exit 1; }
if ldd "$directory/build/debug/visits" | grep -E 'libsystemd|libsqlite3|libhiredis' >&2; then
  echo "example: it wants the daemon's libraries" >&2
  exit 1
fi

export SESSIOND_SOCKET=$directory/sessiond.sock
"$programs/sessiond" --config /dev/null --log-level error &
daemon=$!
for _ in $(seq 100); do
  "$programs/sessionctl" ping >/dev/null 2>&1 && break
  kill -0 "$daemon" 2>/dev/null || { echo "example: the daemon did not start" >&2; exit 1; }
  sleep 0.05
done
visits=$directory/build/debug/visits
processes=()
for _ in 1 2 3 4; do
  "$visits" s1 tea >/dev/null &
  processes+=($!)
done
for process in "${processes[@]}"; do wait "$process"; done
"$visits" s1 | tee "$directory/out"
diff "$directory/out" - <<'EXPECTED'
s1: visit 5
  4 × tea
EXPECTED
echo "example: five processes, one session"
