#!/bin/bash
# Measures reads: sessiond's beside LMDB's and Redis's, in turns, so that whatever else the machine does meets
# all of them. A benchmark and no test: nothing fails for being slow.
#
#   ROUNDS=15            how often everything has its turn
#   BATCH_MS=250         how long a turn takes
#   SESSIONS=10000       sessions of the ordinary daemon
#   MANY=1000000         sessions of the large one
#   STARTS=5             how often the large one is killed and started again
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-15}
batch_ms=${BATCH_MS:-250}
sessions=${SESSIONS:-10000}
many=${MANY:-1000000}
starts=${STARTS:-5}
writer_rate=100000

bench="bench-reads"
# Redis's server program is a part of redis-tools too; the package redis-server would start a service.
packages=(liblmdb-dev)
command -v redis-server >/dev/null || packages+=(redis-tools)
scripts/setup.sh "${packages[@]}"
. scripts/bench-library.sh
want_numbers "$rounds" "$batch_ms" "$sessions" "$many" "$starts"

# A megabyte for a thousand sessions is more than they take, and the rest is small.
room_mib=$((many / 1000 + 256))
want_mib "$room_mib" MANY
build_lmdb

### Servers

start_servers() {
  start few 64M
  start many "${room_mib}M"
  start_redis
}

fill_servers() {
  fill few "$sessions"
  fill redis "$sessions" --server redis
  echo "filling $many sessions …"
  fill many "$many"
}

### Those who read and write

launch_reader() {
  launch "$1" "$programs/sessionbench" read --mode "$2" --socket "$directory/$3.sock" --sessions "$4" \
    --milliseconds "$batch_ms"
}

launch_all() {
  local mode
  for mode in bytes string async hot socket raw; do
    launch_reader "$mode" "$mode" few "$sessions"
  done
  launch_reader bytes-other bytes few "$sessions"
  for mode in redis-get redis-hget; do
    launch_reader "$mode" "$mode" redis "$sessions"
  done
  launch_lmdb "$sessions" "$batch_ms"
  launch_reader many bytes many "$many"
  # It must go on for longer than the batch that is read meanwhile.
  launch writer "$programs/sessionbench" write --socket "$directory/few.sock" --sessions "$sessions" \
    --rate "$writer_rate" --milliseconds "$((batch_ms * 3 / 2 + 150))"
}

# Every way of reading has its turn.
round() {
  local name
  for name in bytes lmdb string redis-get async redis-hget hot socket raw many; do
    batch "$name"
  done
  # Two at once.
  begin bytes
  begin bytes-other
  hear bytes
  echo "$line" >>"$results/pair-one"
  hear bytes-other
  echo "$line" >>"$results/pair-other"
  # While somebody writes.
  begin writer
  sleep 0.05
  batch bytes amid-writes
  hear writer
  echo "$line" >>"$results/writer-rate"
}

### Adoption

# kill_and_start: how many milliseconds the large daemon needs from its start to READY, among the results.
kill_and_start() {
  local began heard
  kill_server many
  rm -f "$directory/notify"
  socat -u "UNIX-RECV:$directory/notify" - >"$directory/notify.out" &
  local listener=$!
  children+=("$listener")
  exec {heard}<"$directory/notify.out"
  for _ in $(seq 100); do
    [ -S "$directory/notify" ] && break
    sleep 0.01
  done
  began=$EPOCHREALTIME
  NOTIFY_SOCKET=$directory/notify start_daemon many "${room_mib}M"
  read -r -N 7 -t 60 line <&"$heard" || fail "no READY within a minute: $(cat "$directory/many.log")"
  # Both have six decimals: without the point they are microseconds.
  echo "$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))" >>"$results/ready"
  [ "$line" = READY=1 ] || fail "the daemon said '$line' before READY"
  exec {heard}<&-
  kill "$listener" 2>/dev/null || true
  wait "$listener" 2>/dev/null || true
  forget "$listener"
}

### What was measured, and on what

describe() {
  describe_machine
  cat <<END
versions   $(own_versions), $(redis_version), $lmdb_version
sessions   $sessions and $many: id of 32 hex digits; keys user (16 characters), theme ("dark"), visits (42),
           profile (256 characters, 258 bytes of JSON text), the one that is read; in random order, by another
           process than the daemon and the writer, $rounds rounds of $batch_ms ms each after a warm-up. The ids
           are made before the clock runs, 512 at a time.
sessiond   --ttl 1h, so that no read is due to slide a session's time; else the defaults
mapped     $(mapped_hits "$mapped") reads were answered out of the mapping of $sessions sessions
writer     SET of profile, $writer_rate a second in batches of a thousandth, sessions in random order
LMDB       an entry a session; MDB_RDONLY | MDB_NOTLS, mdb_txn_renew, mdb_get, copy, mdb_txn_reset
Redis      ${redis_settings[*]//$directory/DIRECTORY}
adoption   $(member "$kept" sessions) sessions after $starts times kill -9 and start; the daemon's own words:
$(sed -n 's/.*\(took over .* ms\).*/           \1/p' "$directory/many.log")

END
}

### The course of it

start_servers
fill_servers
echo "warming up …"
launch_all
echo "reading: $rounds rounds …"
for _ in $(seq "$rounds"); do
  round
done
dismiss_all
mapped=$(statistics few)
mkfifo "$directory/notify.out"
for _ in $(seq "$starts"); do
  kill_and_start
done
kept=$(statistics many)
# What is slow is no failure; what is lost would be one.
[ "$(member "$kept" sessions)" = "$many" ] || fail "of $many sessions $(member "$kept" sessions) are left"

describe
scripts/bench-reads-table.sh "$results"
echo "took $SECONDS s"
