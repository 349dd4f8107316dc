#!/bin/bash
# Checks the units: systemd understands every line, the daemon is locked down as far as ever, and the template is the
# plain unit.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
failed=0
report() {
  echo "units: $*" >&2
  failed=1
}

# systemd-analyze wants a program that exists, and names it can load.
for unit in systemd/*.service systemd/*.socket; do
  sed 's|^ExecStart=/usr/bin/sessiond|ExecStart=/bin/true|' "$unit" >"$directory/$(basename "$unit")"
done
# An instance with the example of a drop-in.
mkdir "$directory/sessiond@redis.service.d"
cp systemd/redis.conf.example "$directory/sessiond@redis.service.d/redis.conf"
# The timer for metrics, as who follows the example has it.
for unit in sessiond-metrics.service sessiond-metrics.timer; do
  cp "systemd/$unit.example" "$directory/$unit"
done
for unit in sessiond.service sessiond.socket sessiond@a.service sessiond@a.socket sessiond@redis.service \
  sessiond-metrics.service sessiond-metrics.timer; do
  # Verify follows the dependencies into the machine's own units: what it says about those is not
  # ours to judge.
  remarks=$(SYSTEMD_UNIT_PATH="$directory:" systemd-analyze verify --recursive-errors=no --man=no \
    "$directory/$unit" 2>&1) || report "$unit does not verify"
  remarks=$(grep sessiond <<<"$remarks" || true)
  [ -z "$remarks" ] || report "$remarks"
done

scripts/check-hardening.sh || failed=1

# The template may differ from the plain unit in nothing but the instance's name.
settings() {
  grep -v '^#' "$1" | sed -e 's/[-@]%i//g' -e 's/ %i$//' -e 's| --config /etc/sessiond/%i.conf$||'
}
for kind in service socket; do
  diff <(settings "systemd/sessiond.$kind") <(settings "systemd/sessiond@.$kind") >&2 ||
    report "sessiond.$kind and sessiond@.$kind differ in more than the instance's name"
done

# In unit files a comment behind a value is part of the value.
grep -nE '^[A-Za-z]+=.*[[:space:]]#' systemd/*.service systemd/*.socket && report "comment behind a value"
exit "$failed"
