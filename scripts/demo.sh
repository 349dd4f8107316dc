#!/bin/bash
# Two programs share one cart through a private daemon in a directory of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=.build/release

# Sessions belong into memory, where there is a place for them.
memory=/dev/shm
[ -w "$memory" ] || memory=${TMPDIR:-/tmp}
directory=$(mktemp -d -p "$memory")
daemon=
stop() {
  status=$?
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" || status=$?
  fi
  rm -rf "$directory"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

socket=$directory/sessiond.sock
: >"$directory/sessiond.conf"
"$programs/sessiond" --socket "$socket" --config "$directory/sessiond.conf" --log-level warning &
daemon=$!

for _ in $(seq 100); do
  "$programs/sessionctl" ping --socket "$socket" >/dev/null 2>&1 && break
  kill -0 "$daemon" 2>/dev/null || { echo "demo: the daemon did not start" >&2; exit 1; }
  sleep 0.05
done
"$programs/sessiondemo" "$socket"
echo
"$programs/sessionctl" stats --socket "$socket"
