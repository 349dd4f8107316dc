#!/bin/bash
# Measures sessiond beside Redis, memcached and LMDB on the same work, in turns, so that whatever else the machine does
# meets all of them. A benchmark and no test: nothing fails for being slow.
#
#   ROUNDS=5             how often everything has its turn
#   BATCH_MS=1000        how long a turn takes
#   SESSIONS=10000       sessions that are read and written
#   RATE=20000           requests a second of the open loop
#   COUNTED=200000       sessions whose memory is measured
#   JSON=FILE            writes everything that was measured to a file, too; so does --json FILE
#   WRITE=1              writes Benchmarks/peers.tsv, of which make pictures draws pictures/peers.svg
#   SVG=FILE, --svg FILE draws that picture of what was measured into a file, too; Benchmarks/peers.tsv stays as it is
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-5}
batch_ms=${BATCH_MS:-1000}
sessions=${SESSIONS:-10000}
rate=${RATE:-20000}
counted=${COUNTED:-200000}
json=${JSON:-}
svg=${SVG:-}
while [ $# -gt 0 ]; do
  case "$1:$#" in
  --json:[2-9]*) json=$2 ;;
  --svg:[2-9]*) svg=$2 ;;
  *)
    echo "usage: scripts/bench.sh [--json FILE] [--svg FILE]" >&2
    exit 64
    ;;
  esac
  shift 2
done
# What the client library looks for replies by default (busyPoll), in microseconds.
poll=50

bench="bench"
# The packages of the servers would start services; that of memcached does, which is left alone.
packages=(liblmdb-dev)
command -v redis-server >/dev/null || packages+=(redis-tools)
command -v memcached >/dev/null || packages+=(memcached)
scripts/setup.sh "${packages[@]}"
. scripts/bench-library.sh
. scripts/peers.sh
want_numbers "$rounds" "$batch_ms" "$sessions" "$rate" "$counted"
for file in ${json:+"$json"} ${svg:+"$svg"}; do
  if [ -d "$file" ] || [ ! -w "$(dirname "$file")" ] || { [ -e "$file" ] && [ ! -w "$file" ]; }; then
    echo "$bench: can't write $file" >&2
    exit 73
  fi
done
ulimit -n "$(ulimit -H -n)"

room_mib=$((counted / 500 + 256))
want_mib $((room_mib + 512)) COUNTED
build_lmdb

### Servers and their sessions

# The sessions of each length of a value have numbers of their own; so many that they all have some 16 MB. Those from 0 on
# are for reads out of the mapping and LMDB, and keep what they were filled with.
declare -A first=([256]=1000000 [16]=2000000 [1024]=3000000 [4096]=4000000 [16384]=5000000 [65536]=6000000)
declare -A count=([256]=$sessions [16]=$sessions [1024]=$sessions [4096]=4000 [16384]=1000 [65536]=256)
lengths=(16 1024 4096 16384 65536)

start_all() {
  start sessiond 384M
  # The same without polling, to see what polling does where the processors are wanted elsewhere.
  start unpolled 64M --busy-poll off
  start_peers
}

fill_servers() {
  local length
  for length in 256 "${lengths[@]}"; do
    fill_all "${first[$length]}" "${count[$length]}" "$length" sessiond redis memcached
  done
  fill sessiond "$sessions"
  fill unpolled "$sessions" --first "${first[256]}"
}

launch_readers() {
  launch mapped "$programs/sessionbench" read --mode bytes --socket "$directory/sessiond.sock" \
    --sessions "$sessions" --milliseconds "$batch_ms"
  launch_lmdb "$sessions" "$batch_ms"
}

### Loads

of() {
  of_these=(--first "${first[$1]}" --sessions "${count[$1]}" --value-bytes "$1")
}
gets=(--reads 100)
sets=(--reads 0)

many_connections() {
  of 256
  local options=("${of_these[@]}" --connections 50 --threads "$threads")
  everyone get-50 "${options[@]}" "${gets[@]}"
  everyone set-50 "${options[@]}" "${sets[@]}"
  load get-50 redis-hash redis-hash "${options[@]}" "${gets[@]}"
  load set-50 redis-hash redis-hash "${options[@]}" "${sets[@]}"
  everyone get-16 "${options[@]}" --in-flight 16 "${gets[@]}"
  everyone set-16 "${options[@]}" --in-flight 16 "${sets[@]}"
  everyone mix-80 "${options[@]}" --reads 80
  everyone mix-50 "${options[@]}" --reads 50
  everyone zipf-80 "${options[@]}" --reads 80 --keys zipf
  everyone open "${options[@]}" --reads 80 --rate "$rate"
}

# A handful of connections, where there is less to do at a time than with 50: with polling and without.
few_connections() {
  of 256
  local number server shared
  for number in 2 4 8; do
    shared=$((threads < number ? threads : number))
    # Who does not poll has the turn of memcached.
    for server in "${turn[@]/memcached/unpolled}"; do
      load "set-$number" "$server" "${server/unpolled/sessiond}" "${of_these[@]}" "${sets[@]}" \
        --connections "$number" --threads "$shared"
    done
  done
}

one_client() {
  of 256
  local options=("${of_these[@]}" --connections 1) operation
  for operation in get set; do
    local -n what=${operation}s
    load "$operation-1-library" sessiond sessiond "${options[@]}" "${what[@]}" --client library
    everyone "$operation-1" "${options[@]}" "${what[@]}"
    load "$operation-1-poll" redis redis "${options[@]}" "${what[@]}" --poll "$poll"
    load "$operation-1-poll" sessiond sessiond "${options[@]}" "${what[@]}" --poll "$poll"
  done
  load get-1-mapped sessiond sessiond "${options[@]}" "${gets[@]}" --client mapped
  load get-1-mapped-zipf sessiond sessiond "${options[@]}" "${gets[@]}" --client mapped --keys zipf
}

value_lengths() {
  local length
  for length in "${lengths[@]}"; do
    of "$length"
    local options=("${of_these[@]}" --connections 50 --threads "$threads")
    everyone "get-50-$length" "${options[@]}" "${gets[@]}"
    everyone "set-50-$length" "${options[@]}" "${sets[@]}"
  done
}

burners=()
# burned: the processor time of the burners until now, in ticks of the clock.
burned() {
  local burner
  for burner in "${burners[@]}"; do
    cat "/proc/$burner/stat"
  done | awk '{ sub(/.*\) /, ""); ticks += $12 + $13 } END { print ticks }'
}

# burning_load NAME SERVER AS OPTION…: a load, and what part of the processors the burners had from its start to its end, in
# percent, as a line of share-NAME.SERVER.
burning_load() {
  local before after start end
  before=$(burned)
  start=${EPOCHREALTIME/[.,]/}
  load "$@"
  end=${EPOCHREALTIME/[.,]/}
  after=$(burned)
  awk -v ticks=$((after - before)) -v each="$(getconf CLK_TCK)" -v microseconds=$((end - start)) -v processors="$(nproc)" \
    'BEGIN { printf "%.1f\n", 100 * (ticks / each) / (microseconds / 1e6 * processors) }' >>"$results/share-$1.$2"
}

busy_machine() {
  of 256
  local options=("${of_these[@]}" --connections 1 "${sets[@]}") burner
  for _ in $(seq "$(nproc)"); do
    while :; do :; done &
    burners+=($!)
    children+=($!)
  done
  burning_load busy-poll sessiond sessiond "${options[@]}" --poll "$poll"
  # Who does not look himself, for a reply of one that does, and of one that does not.
  burning_load busy-bare sessiond sessiond "${options[@]}"
  burning_load busy-block unpolled sessiond "${options[@]}"
  burning_load busy-library sessiond sessiond "${options[@]}" --client library
  burning_load busy-library-block unpolled sessiond "${options[@]}" --client library --poll 0
  burning_load busy-block redis redis "${options[@]}"
  for burner in "${burners[@]}"; do
    kill "$burner"
    wait "$burner" 2>/dev/null || true
    forget "$burner"
  done
  burners=()
}

round() {
  many_connections
  few_connections
  one_client
  value_lengths
  busy_machine
  batch mapped
  batch lmdb
  next_turn
}

### Memory: each of servers that have nothing else

# measure_memory NAME AS: then the server has done its duty.
measure_memory() {
  bounded "$programs/sessionbench" memory --server "$2" --socket "$directory/$1.sock" --pid "${process[$1]}" \
    --sessions "$counted" >>"$results/memory.$2"
  kill_server "$1"
  rm -f "$directory/$1.segment"
}

measure_all_memory() {
  start empty-sessiond "${room_mib}M"
  measure_memory empty-sessiond sessiond
  start_redis empty-redis
  measure_memory empty-redis redis
  start_redis empty-hashes
  measure_memory empty-hashes redis-hash
  start_memcached empty-memcached
  measure_memory empty-memcached memcached
}

### What was measured, and on what

describe() {
  describe_machine
  cat <<END
versions   $(own_versions), $(redis_version), memcached $(memcached -V | tr -dc '0-9.'), $lmdb_version
rounds     $rounds of $batch_ms ms for each load, after $warm_up_seconds s unmeasured; the servers' order changes each round
sessions   $sessions, fewer of long values: id of 32 hex digits; keys user (16 characters), theme ("dark"), visits (42),
           profile (256 characters where nothing else is said), the one that is read and written; in random order, or
           by Zipf with the exponent 0.99. Redis and memcached keep profile by itself, under a key of its own (GET and
           SET); as a hash (HGET and HSET) is how Redis would keep a session.
load       sessionbench load, $threads of its threads on the same machine
sessiond   --ttl 1h, else the defaults; --busy-poll off as well where that is said
Redis      ${redis_settings[*]//$directory/DIRECTORY}
memcached  ${memcached_settings[*]}
LMDB       an entry a session; MDB_RDONLY | MDB_NOTLS, mdb_txn_renew, mdb_get, copy, mdb_txn_reset
open loop  $rate requests a second, a latency counts from the moment that its request was meant for
memory     $counted sessions of $(cut -d ' ' -f 2 "$results/memory.sessiond" | head -n 1) bytes (id, keys, values in 4 keys), in servers that had none

END
}

### The course of it

start_all
echo "filling …"
fill_servers
echo "warming up …"
launch_readers
for number in $(seq "$rounds"); do
  echo "round $number of $rounds …"
  round
done
dismiss_all
echo "memory …"
measure_all_memory

describe >"$directory/description"
cat "$directory/description"
scripts/bench-table.sh "$results" "$directory/ratios"
if [ -n "$json" ]; then
  scripts/bench-json.sh "$results" "$directory/ratios" "$directory/description" >"$directory/json"
  cp "$directory/json" "$json"
  echo "written: $json"
fi
scripts/bench-peers.sh "$results" "$directory/description" >"$directory/peers.tsv"
if [ -n "$svg" ]; then
  # As scripts/pictures.sh draws pictures/peers.svg.
  LC_ALL=C awk -F '\t' -f scripts/pictures/svg.awk -f scripts/pictures/figures.awk "$directory/peers.tsv" >"$directory/svg"
  cp "$directory/svg" "$svg"
  echo "written: $svg"
fi
if [ "${WRITE:-}" = 1 ]; then
  cp "$directory/peers.tsv" Benchmarks/peers.tsv
  echo "written: Benchmarks/peers.tsv; make pictures draws it"
fi
echo "took $SECONDS s"
