#!/bin/bash
# bench-store-table.sh RESULTS: prints what scripts/bench-store.sh has measured. In the directory each file has a line
# for each round.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$1
. scripts/bench-rows.sh

# rate NAME: requests a second.
rate() {
  values "$1" | awk '{ print 1e9 / $1 }'
}

heading "SETs a second, closed loop"
for connections in 50 1; do
  for name in none behind through; do
    rate "$name-$connections" | row "$name, $connections connections" /s 0
  done
done
echo
heading "microseconds a SET, 99th percentile"
for connections in 50 1; do
  for name in none behind through; do
    values "$name-$connections" 3 | row "$name, $connections connections" µs 0
  done
done
echo
heading "ratios, round by round"
ratios behind-50 none-50 | row "time of a SET, behind / none, 50" x 3 most 1.10
ratios behind-1 none-1 | row "time of a SET, behind / none, 1" x 3 most 1.10
ratios behind-50 none-50 4 | row "processor's time, behind / none, 50" x 3
ratios behind-1 none-1 4 | row "processor's time, behind / none, 1" x 3
ratios through-1 through-50 | row "rate, through, 50 connections / 1" x 1 least 10
echo
heading "what else the store does"
values warm | row "warm start, sessions a second" /s 0 least 200000
values herd-cold | row "loads for clients at once, SQLite" "" 0 most 1
values herd-other | row "loads for clients at once, Redis paused" "" 0 most 1
values herd-cold 2 | row "until all have their reply, SQLite" ms 1
echo
heading "another daemon's change, over Redis"
values lag | row "until it is seen, median" µs 0
values lag 2 | row "until it is seen, 99th percentile" µs 0
values lag 3 | row "until it is seen, longest" µs 0
values lag 4 | row "seen by the first read after it" "%" 1
