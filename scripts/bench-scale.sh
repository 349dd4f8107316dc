#!/bin/bash
# Measures what few and many sessions, few and many connections, and very many sessions that end at once make of it.
# A benchmark and no test: nothing fails for being slow.
#
#   ROUNDS=15            how often reads and SETs have their turn, and GETs over connections
#   BATCH_MS=500         how long a turn takes
#   MOST=5000000         the largest number of sessions; those for which there is no room in /dev/shm are left out
#   STARTS=3             how often daemons are killed and started, warmed up from a store, and reclaim all sessions
#   LARGE=1000000        above so many sessions there is no warm start, and all are reclaimed but once
#   CONNECTIONS=10000    the largest number of connections; as many as `ulimit -Hn` allows
#   IN_FLIGHT=64         requests under way where not all connections have one
#   EXPIRING=1000000     sessions that end within a second
#   EXPIRIES=5           how often they do
#   STORE_DIRECTORY=/var/tmp   where the databases of the warm starts lie: on a disk
#   WRITE=1              puts the table into Benchmarks/scale.tsv, of which `make pictures` draws a picture
set -euo pipefail
# What fails in $(…) ends the script, too.
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-15}
batch_ms=${BATCH_MS:-500}
most=${MOST:-5000000}
starts=${STARTS:-3}
large=${LARGE:-1000000}
connections_most=${CONNECTIONS:-10000}
in_flight=${IN_FLIGHT:-64}
expiring=${EXPIRING:-1000000}
expiries=${EXPIRIES:-5}
# Those who are not measured by their number.
others=10000

bench="bench-scale"
scripts/setup.sh
. scripts/bench-library.sh
. scripts/bench-scale-report.sh
want_numbers "$rounds" "$batch_ms" "$most" "$starts" "$large" "$connections_most" "$in_flight" "$expiring" "$expiries"
make_disk "${STORE_DIRECTORY:-/var/tmp}"
sessionbench=$programs/sessionbench
# Takes the table's lines: sessions, column, value.
cells=$directory/cells
: >"$cells"

cell() {
  echo "$1 $2 $3" >>"$cells"
}

### How far it goes

# The sessions lie in memory: what the file system would allow is not always there.
room_mib() {
  local free file_system
  free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
  file_system=$(free_mib)
  # For the programs themselves, and whatever else the machine does.
  echo $(((free < file_system ? free : file_system) - 512))
}

declare -A memory
sizes=()
choose_sizes() {
  local sessions mebibytes ladder
  ladder=$("$sessionbench" scale ladder --most "$most" --room "$(room_mib)")
  while read -r sessions mebibytes; do
    sizes+=("$sessions")
    memory[$sessions]=${mebibytes}M
  done <<<"$ladder"
}

# Only what all can be opened: each end of a connection is a descriptor of its process, and some are for other things.
connection_steps=()
choose_connections() {
  local step limit
  ulimit -n "$(ulimit -H -n)"
  limit=$(ulimit -n)
  [ "$limit" = unlimited ] || [ "$((connections_most + 256))" -le "$limit" ] || connections_most=$((limit - 256))
  [ "$connections_most" -gt 0 ] || fail "only $limit descriptors are allowed (ulimit -Hn)"
  for step in 1 10 100 1000 10000 100000; do
    [ "$step" -gt "$connections_most" ] || connection_steps+=("$step")
  done
  # One that is no step of the scale is one of its own.
  step=${connection_steps[-1]}
  [ "$step" -eq "$connections_most" ] || connection_steps+=("$connections_most")
}

### Daemons

# thread PROCESS NAME: the id of its thread of that name.
thread() {
  local task
  for task in "/proc/$1/task/"*; do
    [ "$(cat "$task/comm")" = "$2" ] || continue
    echo "${task##*/}"
    return
  done
  fail "the daemon has no thread '$2'"
}

### By the number of sessions

fill_small() {
  bounded "$sessionbench" scale fill --socket "$directory/$1.sock" --sessions "$2"
}

start_sizes() {
  local sessions used
  for sessions in "${sizes[@]}"; do
    start "$sessions" "${memory[$sessions]}" --store none
    echo "filling $sessions sessions …"
    fill_small "$sessions" "$sessions"
    want "$sessions" sessions "$sessions"
    used=$(member "$(statistics "$sessions")" used)
    cell "$sessions" bytes "$(awk -v used="$used" -v sessions="$sessions" 'BEGIN { print used / sessions }')"
  done
}

# Each number of sessions has its turn.
read_and_set() {
  local sessions verb
  for sessions in "${sizes[@]}"; do
    launch "read-$sessions" "$sessionbench" read --mode small --socket "$directory/$sessions.sock" \
      --sessions "$sessions" --milliseconds "$batch_ms"
    launch "set-$sessions" "$sessionbench" scale set --socket "$directory/$sessions.sock" \
      --sessions "$sessions" --milliseconds "$batch_ms"
  done
  echo "reading and setting: $rounds rounds …"
  for _ in $(seq "$rounds"); do
    for sessions in "${sizes[@]}"; do
      for verb in read set; do
        batch "$verb-$sessions"
        cell "$sessions" "$verb" "${line%% *}"
      done
    done
  done
  dismiss_all
  sessions=${sizes[-1]}
  mapped=$(mapped_hits "$(statistics "$sessions")")
}

adopt() {
  local sessions seconds
  echo "killing and starting …"
  for _ in $(seq "$starts"); do
    for sessions in "${sizes[@]}"; do
      kill_server "$sessions"
      start "$sessions" "${memory[$sessions]}" --store none
      want "$sessions" sessions "$sessions"
      seconds=$(statistics "$sessions" | sed -n 's/.*"adopted":{[^}]*"seconds":\([0-9.]*\).*/\1/p')
      [ -n "$seconds" ] || fail "the daemon with $sessions sessions has taken over nothing"
      cell "$sessions" adoption "$(awk -v seconds="$seconds" 'BEGIN { print seconds * 1000 }')"
    done
  done
}

# repeats SESSIONS: how often that is done which takes long with many.
repeats() {
  if [ "$1" -gt "$large" ]; then echo 1; else echo "$starts"; fi
}

reclaim() {
  local sessions number reclaimer cost
  echo "letting all sessions end …"
  for sessions in "${sizes[@]}"; do
    for number in $(seq "$(repeats "$sessions")"); do
      [ "$number" = 1 ] || fill_small "$sessions" "$sessions"
      reclaimer=$(thread "${process[$sessions]}" reclaimer)
      cost=$(bounded "$sessionbench" scale reclaim --socket "$directory/$sessions.sock" --sessions "$sessions" \
        --daemon "${process[$sessions]}" --thread "$reclaimer")
      echo "$cost" >>"$results/reclaim-$sessions"
      cell "$sessions" reclaim "${cost%% *}"
    done
    stop_server "$sessions"
    rm "$directory/$sessions.segment"
  done
}

warm_up() {
  local sessions began took
  for sessions in "${sizes[@]}"; do
    [ "$sessions" -le "$large" ] || continue
    echo "warming up $sessions sessions …"
    start warm "${memory[$sessions]}" --store "sqlite:$disk/warm-$sessions.db"
    fill_small warm "$sessions"
    for _ in $(seq "$starts"); do
      stop_server warm
      rm "$directory/warm.segment"
      # It has six decimals: without the point they are microseconds.
      began=${EPOCHREALTIME/./}
      start_daemon warm "${memory[$sessions]}" --store "sqlite:$disk/warm-$sessions.db"
      took=$(bounded "$sessionbench" scale warm --socket "$directory/warm.sock" --sessions "$sessions" --since "$began")
      want warm sessions "$sessions"
      cell "$sessions" warm "$took"
    done
    stop_server warm
    rm "$directory/warm.segment"
  done
}

### By the number of connections

# start_wide NAME: a daemon for as many connections of one user as there will be, and some to ask how it is.
start_wide() {
  start "$1" 64M --store none --max-connections "$((connections_most + 128))" \
    --max-connections-per-user "$((connections_most + 64))"
}

connect() {
  local step
  start_wide connections
  fill_small connections "$others"
  for step in "${connection_steps[@]}"; do
    echo "$step connections …"
    bounded "$sessionbench" scale connections --socket "$directory/connections.sock" --connections "$step" \
      --in-flight "$in_flight" --sessions "$others" --rounds "$rounds" --milliseconds "$batch_ms" \
      >"$results/some-$step"
    bounded "$sessionbench" scale connections --socket "$directory/connections.sock" --connections "$step" \
      --sessions "$others" --rounds "$rounds" --milliseconds "$batch_ms" >"$results/all-$step"
  done
  stop_server connections
  # In a daemon that had connections before there would be memory left of them.
  for _ in $(seq "$starts"); do
    start_wide idle
    bounded "$sessionbench" scale idle --socket "$directory/idle.sock" --daemon "${process[idle]}" \
      --connections "$connections_most" >>"$results/idle"
    stop_server idle
    rm "$directory/idle.segment"
  done
}

### Very many at once

expire() {
  local ladder mebibytes
  ladder=$("$sessionbench" scale ladder --most "$((expiring + others))" --room "$(room_mib)")
  # The largest step comes last, unless there is no room for it.
  read -r expiring mebibytes < <(tail -n 1 <<<"$ladder")
  expiring=$((expiring - others))
  [ "$expiring" -gt 0 ] || fail "/dev/shm has no room for sessions that end"
  echo "$expiring sessions end within a second, $expiries times …"
  start expiry "${mebibytes}M" --store none
  bounded "$sessionbench" scale expire --socket "$directory/expiry.sock" --sessions "$expiring" --others "$others" \
    --rounds "$expiries" >"$results/expire"
  stop_server expiry
}

### The course of it

choose_sizes
choose_connections
start_sizes
read_and_set
adopt
reclaim
warm_up
connect
expire

description=$(describe)
echo "$description"
echo
"$sessionbench" scale table <"$cells"
[ "${sizes[-1]}" = "$most" ] || echo "there was no room for $most sessions"
echo
table_of_reclaiming
echo
table_of_connections
echo
table_of_expiry
echo
[ "${WRITE:-}" != 1 ] || write_table
echo "took $SECONDS s"
