#!/bin/bash
# Runs every file of cases/ inside the container. A case file calls `check NAME COMMAND...`; each
# starts from the units as installed (see `fresh`).
set -uo pipefail
. /scenario/container/library.sh

touch /result/booted
for cases in /scenario/cases/*.sh; do
  echo "# $(basename "$cases" .sh)"
  fresh
  . "$cases"
done
[ "$failed" -eq 0 ] || journalctl --no-pager --output short-monotonic >/result/journal
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
