#!/bin/bash
# What can be said about the sources without running them: format, warnings, units, house rules.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

echo "check: format"
"$swift" format lint --strict --recursive Sources Tests Examples Package.swift

echo "check: warnings"
# In Swift every warning is an error already (Package.swift); the rest is the C shim's, and what the
# package manager itself remarks.
for source in Sources/CLinux/*.c; do
  "${CC:-cc}" -std=gnu11 -fsyntax-only -Wall -Wextra -Werror -ISources/CLinux/include "$source"
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$swift" build --build-tests --explicit-target-dependency-import-check error 2>&1 | tee "$log"
if grep -n 'warning:' "$log"; then
  echo "check: the build has warnings" >&2
  exit 1
fi

echo "check: house rules"
scripts/tidy.sh

echo "check: pictures"
drawn=$(mktemp -d)
trap 'rm -rf "$log" "$drawn"' EXIT
scripts/pictures.sh "$drawn"
for picture in "$drawn"/*.svg; do
  cmp "$picture" "pictures/$(basename "$picture")" || {
    echo "check: the picture is not what its table says; run make pictures" >&2
    exit 1
  }
done

# systemd-analyze judges unit files without a running systemd from version 250 on.
systemd=$(systemd-analyze --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p' || true)
if [ "${systemd:-0}" -ge 250 ]; then
  echo "check: units"
  scripts/check-units.sh
else
  echo "check: units skipped, no systemd-analyze 250 or newer here"
fi
echo "check: all is well"
