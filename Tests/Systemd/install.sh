#!/bin/bash
# Installs into an empty tree, again over it, and removes it: exactly the files that belong there come
# and go, and a configuration that somebody changed stays as it is. Needs `make build`, no rights.
set -euo pipefail
cd "$(dirname "$0")/../.."

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export DESTDIR=$tree PREFIX=/opt/cache
configuration=$tree/etc/sessiond/sessiond.conf

wanted="644 ./etc/sessiond/sessiond.conf
755 ./opt/cache/bin/sessionctl
755 ./opt/cache/bin/sessiond
644 ./opt/cache/lib/systemd/system/sessiond.service
644 ./opt/cache/lib/systemd/system/sessiond.socket
644 ./opt/cache/lib/systemd/system/sessiond@.service
644 ./opt/cache/lib/systemd/system/sessiond@.socket
644 ./opt/cache/lib/sysusers.d/sessiond.conf
644 ./opt/cache/lib/tmpfiles.d/sessiond.conf
644 ./opt/cache/share/bash-completion/completions/sessionctl
644 ./opt/cache/share/bash-completion/completions/sessiond
644 ./opt/cache/share/doc/sessiond/redis.conf.example
644 ./opt/cache/share/doc/sessiond/sessiond-metrics.service.example
644 ./opt/cache/share/doc/sessiond/sessiond-metrics.timer.example
644 ./opt/cache/share/fish/vendor_completions.d/sessionctl.fish
644 ./opt/cache/share/fish/vendor_completions.d/sessiond.fish
644 ./opt/cache/share/man/man1/sessionctl.1
644 ./opt/cache/share/man/man5/sessiond.conf.5
644 ./opt/cache/share/man/man7/sessiond-protocol.7
644 ./opt/cache/share/man/man8/sessiond.8
644 ./opt/cache/share/zsh/site-functions/_sessionctl
644 ./opt/cache/share/zsh/site-functions/_sessiond"
installed() { (cd "$tree" && find . -type f -printf '%m %p\n' | LC_ALL=C sort -k 2); }
same() {
  diff <(LC_ALL=C sort -k 2 <<<"$2") <(printf '%s\n' "$3") || {
    echo "install test: $1" >&2
    exit 1
  }
}

# A strict umask of whoever installs must not close the files to the daemon.
(umask 0077 && scripts/install.sh)
same "other files than wanted were installed" "$wanted" "$(installed)"
for unit in sessiond.service sessiond@.service; do
  grep -q '^ExecStart=/opt/cache/bin/sessiond' "$tree/opt/cache/lib/systemd/system/$unit" || {
    echo "install test: $unit starts another program" >&2
    exit 1
  }
done
grep -q "'umask 022 && /opt/cache/bin/sessionctl metrics" \
  "$tree/opt/cache/share/doc/sessiond/sessiond-metrics.service.example" || {
  echo "install test: the example of metrics starts another program" >&2
  exit 1
}
same "a directory is closed" "755" "$(find "$tree" -mindepth 1 -type d -printf '%m\n' | sort -u)"

scripts/install.sh --remove
same "something was left behind" "" "$(installed)"

scripts/install.sh
echo 'ttl=1h' >"$configuration"
scripts/install.sh >/dev/null
same "the configuration was overwritten" 'ttl=1h' "$(cat "$configuration")"
scripts/install.sh --remove >/dev/null
same "the changed configuration did not stay alone" "644 ./etc/sessiond/sessiond.conf" "$(installed)"
echo "install test passed"
