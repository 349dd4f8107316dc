#!/bin/bash
# Measures what the original Session Manager's tests measure, beside what they expect: its table of speeds, cache
# effectiveness, and memory. A benchmark and no test: nothing fails for being slow.
#
#   ROUNDS=5             how often everything has its turn
#   TURN_MS=500          how long a turn takes
#   SESSIONS=10000       sessions that are read and written
#   COLD=2000            sessions that are read in the store, in a turn
#   CLIENTS=50           threads of the row "high concurrency"
#   STORE_DIRECTORY=/var/tmp   where the databases lie: on a disk, as those of an application do
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-5}
turn_ms=${TURN_MS:-500}
sessions=${SESSIONS:-10000}
cold=${COLD:-2000}
clients=${CLIENTS:-50}
# The daemon saves what was changed once a second: for longer than that it is written before the clock runs.
lead_ms=1100

bench="bench-manager"
scripts/setup.sh
. scripts/bench-library.sh
want_numbers "$rounds" "$turn_ms" "$sessions" "$cold" "$clients"
make_disk "${STORE_DIRECTORY:-/var/tmp}"

# As many sessions of the table take this much and as much again, so that none is pushed out.
room_mib=$((sessions / 500 + 64))
want_mib $((room_mib * 2 + 256)) SESSIONS

start_all() {
  start warm "${room_mib}M" --store "sqlite:$disk/warm.db"
  # What nobody has used for a second is in its store alone.
  start cold "${room_mib}M" --store "sqlite:$disk/cold.db" --cache-ttl 1s
  # Without a store, and nothing in them.
  start effect 64M
  start memory 64M
  fill warm "$sessions"
  fill cold "$cold"
}

# manager TEST OPTION…: in the background, so that a signal to this script is heeded at once.
manager() {
  timeout --foreground "$patience" "$programs/sessionbench" manager "$@" &
  local pid=$!
  children+=("$pid")
  wait "$pid" || fail "'manager $1' ended with status $?"
  forget "$pid"
}

describe() {
  describe_machine
  cat <<END
versions   $(own_versions), $(sqlite_version)
$(describe_disk)
sessions   $sessions: id of 32 hex digits; keys user (16 characters), theme ("dark"), visits (42),
           profile (256 characters), which is what is read and written, in random order
baseline   SimpleMutex: one mutex, one record of JSON a session (FoundationEssentials' coders, made once) in SQLite:
           write-ahead log, synchronous = NORMAL, prepared statements; each operation loads, decodes, encodes and
           saves the record, in one transaction
sessiond   --ttl 1h, --flush-every 1s, --durability behind, else the defaults; cached reads, writes and high
           concurrency on a daemon with SQLite; uncached reads on one with --cache-ttl 1s that has the sessions in
           SQLite alone; effectiveness and memory on daemons without a store
operations reads of the library that block the thread, writes that are awaited; mixed: 20 of 100 are writes; high
           concurrency: $clients threads, 5 of 100 are writes

END
}

echo "starting and filling …"
start_all
describe
echo "speed: $rounds rounds of $turn_ms ms a turn …"
manager speed --socket "$directory/warm.sock" --cold "$directory/cold.sock" --database "$disk/baseline.db" \
  --sessions "$sessions" --cold-sessions "$cold" --clients "$clients" --rounds "$rounds" \
  --milliseconds "$turn_ms" --lead "$lead_ms"
echo
echo "cache effectiveness: hits beside a model's …"
manager effect --socket "$directory/effect.sock" --database "$disk/effect.db"
echo
echo "memory: 10,000 active sessions of 1 kB; the original says 10 to 20 MB …"
manager memory --socket "$directory/memory.sock" --sessions 10000 --bytes 1000
echo "took $SECONDS s"
