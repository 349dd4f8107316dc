#!/bin/sh
# Starts the release daemon in the foreground, on a socket in the user's runtime directory.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${XDG_RUNTIME_DIR:-}" ] && [ -d "$XDG_RUNTIME_DIR" ]; then
  directory=$XDG_RUNTIME_DIR
else
  directory=/tmp/sessiond-$(id -u)
  mkdir -m 0700 "$directory" 2>/dev/null || true
  # /tmp belongs to everybody: the directory must be ours, no link, and closed to others.
  if [ -L "$directory" ] || [ "$(stat -c '%u %a' "$directory")" != "$(id -u) 700" ]; then
    echo "run: $directory exists, but is no directory of yours with mode 0700" >&2
    exit 1
  fi
fi
socket=$directory/sessiond.sock

cat <<END
sessiond serves on $socket; stop it with Ctrl-C. In another terminal, here:

  .build/release/sessionctl stats --socket $socket
  printf 'SET s1 theme "dark"\nGET s1\n' | socat - UNIX-CONNECT:$socket

END
exec .build/release/sessiond --socket "$socket"
