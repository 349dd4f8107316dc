#!/bin/bash
# Takes each hardening line out of the units, and opens what they close: scripts/check-hardening.sh must notice every
# time. Needs systemd-analyze 250 or newer, no rights; without it, it says so, and fails with SESSIOND_DEMAND_SYSTEMD=1.
set -euo pipefail
cd "$(dirname "$0")/../.."
systemd=$(systemd-analyze --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p' || true)
[ "${systemd:-0}" -ge 250 ] || {
  echo "hardening test skipped: no systemd-analyze 250 or newer here"
  [ "${SESSIOND_DEMAND_SYSTEMD:-}" != 1 ] || exit 1
  exit 0
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
fresh() { cp systemd/* "$work/"; }
# noticed WHAT: the check fails on the units as they are now.
noticed() {
  tried=$((tried + 1))
  ! scripts/check-hardening.sh "$work" >/dev/null 2>&1 || {
    echo "hardening test: nobody notices $1" >&2
    failed=1
  }
}

fresh
scripts/check-hardening.sh "$work"

for unit in sessiond.service sessiond@.service; do
  while read -r line; do
    fresh
    grep -vxF -- "$line" "systemd/$unit" >"$work/$unit"
    noticed "that $unit lost $line"
  done <Tests/Systemd/hardening.list
done

# What would open the daemon up, behind everything else in the unit.
while read -r line; do
  fresh
  sed "/^\[Install\]/i $line" systemd/sessiond.service >"$work/sessiond.service"
  noticed "that sessiond.service got $line"
done <<'END'
SystemCallFilter=@mount
SystemCallFilter=@resources
SystemCallFilter=ptrace
SystemCallArchitectures=x86
CapabilityBoundingSet=CAP_NET_ADMIN
AmbientCapabilities=CAP_DAC_OVERRIDE
PrivateTmp=no
ProtectHome=read-only
ReadWritePaths=/etc
BindPaths=/home
DeviceAllow=/dev/sda
RestrictAddressFamilies=AF_INET
IPAddressAllow=any
MemoryMax=infinity
TasksMax=infinity
LimitCORE=infinity
SupplementaryGroups=adm
User=root
END

while read -r line; do
  fresh
  echo "$line" >>"$work/redis.conf.example"
  noticed "that the drop-in for Redis got $line"
done <<'END'
IPAddressAllow=any
RestrictAddressFamilies=AF_PACKET
SystemCallFilter=@mount
ProtectSystem=no
END

[ "$failed" -eq 0 ] || exit 1
echo "hardening test passed: $tried changes, each noticed"
