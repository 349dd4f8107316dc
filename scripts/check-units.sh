#!/bin/bash
# Checks the units: systemd understands every line, the exposure level stays where it is, and no
# hardening line got lost (many of them do not move the level when they go one by one).
set -euo pipefail
cd "$(dirname "$0")/.."

exposure_max=5 # tenths
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
for unit in sessiond.service sessiond.socket sessiond@a.service sessiond@a.socket; do
  # Verify follows the dependencies into the machine's own units: what it says about those is not
  # ours to judge.
  remarks=$(SYSTEMD_UNIT_PATH="$directory:" systemd-analyze verify --recursive-errors=no --man=no \
    "$directory/$unit" 2>&1) || report "$unit does not verify"
  remarks=$(grep sessiond <<<"$remarks" || true)
  [ -z "$remarks" ] || report "$remarks"
done

for unit in sessiond.service sessiond@.service; do
  systemd-analyze security --offline=true --threshold="$exposure_max" "systemd/$unit" \
    >"$directory/security" || {
    tail -n 1 "$directory/security"
    report "$unit is more exposed than 0.$exposure_max"
  }
  while read -r line; do
    grep -qxF -- "$line" "systemd/$unit" || report "$unit lacks $line"
  done <Tests/Systemd/hardening.list
done

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
