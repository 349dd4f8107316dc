#!/bin/bash
# bench-reads-table.sh RESULTS: prints what scripts/bench-reads.sh has measured. In the directory each file has
# a line for each round: nanoseconds a read, of the clock and of the processor.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$1

. scripts/bench-rows.sh

# Of two processes at once, by how much more they read than one.
scaling() {
  paste <(values bytes) <(values pair-one) <(values pair-other) | awk '{ print $1 / $2 + $1 / $3 }'
}

heading "a read, random order"
values bytes | row "client, mapped, as bytes" ns 1 most 100
values string | row "client, mapped, as String" ns 1 most 200
values async | row "client, mapped, async, as String" ns 1 most 300
values hot | row "client, mapped, hot, 18 bytes" ns 1 most 50
values lmdb | row "LMDB, transaction and get, C" ns 1
values many | row "client, mapped, as bytes, many sessions" ns 1
values amid-writes | row "client, mapped, as bytes, amid writes" ns 1
values raw | row "sessiond GET, bare blocking socket" ns 0
values socket | row "client, mapping: .off, blocking, String" ns 0
values redis-get | row "Redis GET, bare blocking socket" ns 0
values redis-hget | row "Redis HGET, bare blocking socket" ns 0
echo
heading "ratios, round by round"
ratios lmdb bytes | row "LMDB / bytes" x 2 least 3
ratios redis-get bytes | row "Redis GET / bytes" x 0 least 300
scaling | row "reads of two processes / of one" x 2 least 1.8
ratios amid-writes bytes | row "amid writes / bytes" x 2 most 2
ratios many bytes | row "many sessions / few" x 2 most 3
echo
values writer-rate | row "SETs a second that the writer reached" /s 0
values ready | row "kill -9, start to READY" ms 0 most 1000
echo
echo "processor time of a read, in ns: $(
  for name in bytes string async hot lmdb many amid-writes raw socket redis-get redis-hget; do
    printf '%s %s  ' "$name" "$(middle "$name" 2)"
  done
)"
