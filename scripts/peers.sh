# shellcheck shell=bash
# Servers beside sessiond, and loads on all of them. Source it behind scripts/bench-library.sh, with the milliseconds of
# a load in $batch_ms.

# What others set, and what those who source it use:
# shellcheck disable=SC2034,SC2154
: "$directory" "$programs" "$results" "$batch_ms"

warm_up_seconds=0.2
seconds=$(awk -v ms="$batch_ms" 'BEGIN { print ms / 1000 }')
# One thread of the load for each two processors, so that it isn't what is measured; four are enough for any of them.
threads=$(awk -v count="$(nproc)" 'BEGIN { half = int(count / 2); print (half < 1 ? 1 : half > 4 ? 4 : half) }')

# As root it wants to be told whose rights to run with. Memory is what the sessions may take; 4 threads are its default.
memcached_settings=(-m 1024 -t 4 -c 2048 -U 0 -u "$(id -un)")

# start_memcached NAME
start_memcached() {
  memcached -s "$directory/$1.sock" "${memcached_settings[@]}" >"$directory/$1.log" 2>&1 &
  process[$1]=$!
  children+=($!)
  await_socket "$1"
}

start_peers() {
  start_redis
  start_memcached memcached
}

# place NAME: whose socket and process that is. Who is asked for hashes is Redis.
place() {
  echo "${1%-hash}"
}

# fill_all FIRST SESSIONS VALUE-BYTES SERVER…
fill_all() {
  local first=$1 sessions=$2 bytes=$3 server
  shift 3
  for server in "$@"; do
    fill "$(place "$server")" "$sessions" --server "$server" --first "$first" --value-bytes "$bytes"
  done
}

# load NAME SERVER AS OPTION…: a load on a server, which speaks as AS does; what it prints is a line of NAME.SERVER.
load() {
  local name=$1 server=$2 as=$3 place
  shift 3
  place=$(place "$server")
  bounded "$programs/sessionbench" load --server "$as" --socket "$directory/$place.sock" --pid "${process[$place]}" \
    --seconds "$seconds" --warm-up "$warm_up_seconds" "$@" >>"$results/$name.$server" ||
    fail "the load '$name' on $server failed"
}

turn=(sessiond redis memcached)
# everyone NAME OPTION…: the same load on each, in turns that change from round to round.
everyone() {
  local name=$1 server
  shift
  for server in "${turn[@]}"; do
    load "$name" "$server" "$server" "$@"
  done
}
next_turn() {
  turn=("${turn[@]:1}" "${turn[0]}")
}
