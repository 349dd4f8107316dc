#!/bin/bash
# check-hardening.sh [DIRECTORY]: the units in DIRECTORY (systemd) lock the daemon down as far as they ever did. Each
# profile stays at its exposure level, and its settings are exactly those of Tests/Systemd/hardening.list: many of
# them do not move the level when they go, or are widened, one by one.
set -euo pipefail
units=$(cd "${1:-$(dirname "$0")/../systemd}" && pwd)
cd "$(dirname "$0")/.."

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
failed=0
report() {
  echo "hardening: $*" >&2
  failed=1
}

# Settings about how the daemon is run, and not about what it may do. Whatever else is in [Service] is judged.
about_running='ExecStart|ExecReload|WatchdogSec|Restart|RestartSec|RestartPreventExitStatus|TimeoutStopSec'
about_running+='|Group|(Runtime|State)Directory(Mode|Preserve)?|Environment'
judged() { sed -n '/^\[Service\]/,/^\[Install\]/p' "$1" | grep -E '^[A-Za-z]+=' | grep -vE "^($about_running)="; }

# exposure TENTHS NAME UNIT: systemd's own measure. Drop-ins lie beside the unit.
exposure() {
  systemd-analyze security --offline=true --no-pager --threshold="$1" "$3" >"$directory/security" 2>&1 || {
    tail -n 1 "$directory/security" >&2
    report "$2 is more exposed than $(($1 / 10)).$(($1 % 10))"
  }
}

for unit in sessiond.service sessiond@.service; do
  diff Tests/Systemd/hardening.list <(judged "$units/$unit") >&2 ||
    report "$unit has other settings (>) than hardening.list (<)"
  # Without a store and with SQLite it is the same unit.
  exposure 4 "$unit" "$units/$unit"
done

# Redis or Valkey: the network is added, of another machine or of this one. Of the former systemd-analyze thinks a
# tenth less, whichever the address.
redis() {
  mkdir -p "$directory/$1/sessiond.service.d"
  cp "$units/sessiond.service" "$directory/$1/"
  sed "$2" "$units/redis.conf.example" >"$directory/$1/sessiond.service.d/redis.conf"
  echo "$directory/$1/sessiond.service"
}
added='LoadCredential=store:/etc/sessiond/store.password
PrivateNetwork=no
RestrictAddressFamilies=AF_INET AF_INET6
IPAddressAllow=192.0.2.10'
diff <(echo "$added") <(judged "$units/redis.conf.example") >&2 || report "redis.conf.example opens something else"
exposure 12 "Redis on another machine" "$(redis another '')"
exposure 11 "Redis on this machine" "$(redis this 's/^IPAddressAllow=.*/IPAddressAllow=127.0.0.1/')"

exit "$failed"
