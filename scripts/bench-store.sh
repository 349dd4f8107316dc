#!/bin/bash
# Measures what a store behind the cache costs and does, in turns, so that whatever else the machine does meets all of
# them. A benchmark and no test: nothing fails for being slow.
#
#   ROUNDS=15            how often everything has its turn
#   BATCH_MS=2000        how long a turn takes
#   SESSIONS=10000       sessions that are written
#   MANY=1000000         sessions of the warm start
#   STARTS=5             how often that is done
#   CLIENTS=1000         clients that read one session at once
#   STORE_DIRECTORY=/var/tmp   where the databases lie: on a disk, since what it takes to sync is measured
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-15}
batch_ms=${BATCH_MS:-2000}
sessions=${SESSIONS:-10000}
many=${MANY:-1000000}
starts=${STARTS:-5}
clients=${CLIENTS:-1000}
# The daemon saves what was changed once a second: for longer than that it is written before the clock runs.
lead_ms=1100

bench="bench-store"
packages=()
command -v redis-server >/dev/null || packages+=(redis-tools)
scripts/setup.sh "${packages[@]}"
. scripts/bench-library.sh
want_numbers "$rounds" "$batch_ms" "$sessions" "$many" "$starts" "$clients"
make_disk "${STORE_DIRECTORY:-/var/tmp}"
ulimit -n "$(ulimit -H -n)"

room_mib=$((many / 1000 + 256))
want_mib $((room_mib + 512)) MANY

### Daemons, each with what is behind it

# await NAME MEMBER NUMBER: until a number of the statistics is so great.
await() {
  for _ in $(seq 600); do
    [ "$(member "$(statistics "$1")" "$2")" = "$3" ] && return
    sleep 0.1
  done
  fail "after a minute '$2' of '$1' is not $3: $(statistics "$1")"
}

start_all() {
  start_redis
  start none 64M
  start behind 64M --store "sqlite:$disk/behind.db"
  start through 64M --store "sqlite:$disk/through.db" --durability through
  start cold 64M --store "sqlite:$disk/cold.db" --cache-ttl 1s
  start one 64M --store "unix:$directory/redis.sock"
  start other 64M --store "unix:$directory/redis.sock"
  local name
  for name in none behind through; do
    fill "$name" "$sessions"
  done
  # Sessions that their daemon has not in memory: dropped in one case, never loaded in the other.
  fill cold $((rounds + 1))
  fill one $((rounds + 1))
  await cold sessions 0
  await behind unsaved 0
}

### Those who read and write

# launch_loop NAME CONNECTIONS LEAD
launch_loop() {
  launch "$1-$2" "$programs/sessionbench" loop --socket "$directory/$1.sock" --connections "$2" \
    --sessions "$sessions" --milliseconds "$batch_ms" --lead "$3" --daemon "${process[$1]}"
}

launch_all() {
  local name
  for name in none behind; do
    launch_loop "$name" 50 "$lead_ms"
    launch_loop "$name" 1 "$lead_ms"
  done
  launch_loop through 50 0
  launch_loop through 1 0
  # The first session is the one that the lag is measured with.
  for name in cold other; do
    launch "herd-$name" "$programs/sessionbench" herd --socket "$directory/$name.sock" --connections "$clients" \
      --first 1
  done
  launch lag "$programs/sessionbench" lag --socket "$directory/one.sock" --other "$directory/other.sock" \
    --milliseconds "$batch_ms"
}

round() {
  local connections
  for connections in 50 1; do
    batch "none-$connections"
    batch "behind-$connections"
    # What is left over must not be saved in another's turn.
    await behind unsaved 0
  done
  batch through-1
  batch through-50
  batch herd-cold
  # While the server answers nobody, all clients come before the session does.
  redis-cli -s "$directory/redis.sock" client pause 300 all >/dev/null
  batch herd-other
  batch lag
}

### Warm starts

warm_up() {
  echo "filling $many sessions …"
  start warm "${room_mib}M" --store "sqlite:$disk/warm.db"
  fill warm "$many"
  for _ in $(seq "$starts"); do
    stop_server warm
    rm "$directory/warm.segment"
    start warm "${room_mib}M" --store "sqlite:$disk/warm.db"
    bounded "$programs/sessionbench" warm --socket "$directory/warm.sock" --sessions "$many" >>"$results/warm"
    want warm sessions "$many"
  done
}

describe() {
  describe_machine
  cat <<END
versions   $(own_versions), $(redis_version), $(sqlite_version)
$(describe_disk)
sessions   $sessions, in the warm start $many: id of 32 hex digits; keys user (16 characters), theme ("dark"),
           visits (42), profile (256 characters); SET of profile, in random order, $rounds rounds of $batch_ms ms
sessiond   --ttl 1h, --flush-every 1s, else the defaults; behind and through are databases on the disk
Redis      ${redis_settings[*]//$directory/DIRECTORY}

END
}

### The course of it

start_all
echo "warming up …"
launch_all
echo "writing: $rounds rounds …"
for _ in $(seq "$rounds"); do
  round
done
dismiss_all
statistics behind >"$results/behind.stats"
warm_up

describe
scripts/bench-store-table.sh "$results"
echo "took $SECONDS s"
