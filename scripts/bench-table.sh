#!/bin/bash
# bench-table.sh RESULTS RATIOS: prints what scripts/bench.sh has measured, and writes the ratios to a file, separated by
# tabs: title, median, lowest, highest, most or least and the budget where there is one. In the directory RESULTS each
# file NAME.SERVER has a line for each round, with the columns of `sessionbench load`.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$1 ratios=$2
. scripts/bench-rows.sh
: >"$ratios"

# What a server is called in a title.
declare -A called=([sessiond]=sessiond [redis]=Redis [memcached]=memcached [redis-hash]="Redis, hash"
  [unpolled]="busy-poll off")
everybody=(sessiond redis memcached)

# micro NAME COLUMN: nanoseconds as microseconds.
micro() {
  values "$1" "$2" | awk '{ print $1 / 1000 }'
}

# rates TITLE NAME SERVER…
rates() {
  local title=$1 name=$2 server
  shift 2
  for server in "$@"; do
    values "$name.$server" 1 | row "$title, ${called[$server]}" /s 0
  done
}

# times TITLE NAME COLUMN SERVER…
times() {
  local title=$1 name=$2 column=$3 server
  shift 3
  for server in "$@"; do
    micro "$name.$server" "$column" | row "$title, ${called[$server]}" µs 2
  done
}

# against TITLE OURS THEIRS COLUMN more|less [BUDGET [own]]: ours by theirs, round by round, and whether a peer is ahead;
# with own there is no peer.
against() {
  local title=$1 ours=$2 theirs=$3 column=$4 better=$5 budget=${6:-} whose=${7:-peer} sense=least text
  [ "$better" = more ] || sense=most
  text=$(ratios "$ours" "$theirs" "$column" | row "$title" x 3 ${budget:+"$sense" "$budget"})
  awk -v better="$better" -v text="$text" -v title="$title" -v sense="${budget:+$sense}" -v budget="$budget" \
    -v whose="$whose" -v file="$ratios" 'BEGIN {
      split(substr(text, length(title) < 42 ? 43 : length(title) + 1), cell, " ")
      ahead = better == "more" ? cell[1] < 1 : cell[1] > 1
      print text (ahead && whose == "peer" ? "   the peer is ahead" : "")
      printf "%s\t%s\t%s\t%s\t%s\t%s\n", title, cell[1], cell[3], cell[4], sense, budget >>file
    }'
}

# against_both TITLE NAME COLUMN more|less [BUDGET-REDIS [BUDGET-MEMCACHED]]
against_both() {
  against "$1 / Redis" "$2.sessiond" "$2.redis" "$3" "$4" "${5:-}"
  against "$1 / memcached" "$2.sessiond" "$2.memcached" "$3" "$4" "${6:-}"
}

rate=1 p50=2 p99=4 p999=5 processor=7 both=7+8

heading "requests a second, 50 connections"
rates GET get-50 "${everybody[@]}"
rates HGET get-50 redis-hash
rates SET set-50 "${everybody[@]}"
rates HSET set-50 redis-hash
echo
heading "the server's processor time for a request"
times GET get-50 $processor "${everybody[@]}"
times HGET get-50 $processor redis-hash
times SET set-50 $processor "${everybody[@]}"
times HSET set-50 $processor redis-hash
echo
heading "ratios of these, round by round"
against_both "rate, GET" get-50 $rate more 1.15 1.3
against_both "rate, SET" set-50 $rate more 1.15 1.3
against_both "processor time, GET" get-50 $processor less 0.85
against_both "processor time, SET" set-50 $processor less 0.85
against_both "99th percentile, GET" get-50 $p99 less
against_both "99th percentile, SET" set-50 $p99 less
echo
heading "16 in flight on each of 50 connections"
rates GET get-16 "${everybody[@]}"
rates SET set-16 "${everybody[@]}"
times "processor time, GET" get-16 $processor "${everybody[@]}"
times "processor time, SET" set-16 $processor "${everybody[@]}"
against_both "rate, GET" get-16 $rate more 1.6
against_both "rate, SET" set-16 $rate more 1.6
echo
heading "one client, one request at a time"
for operation in set get; do
  name=${operation^^}
  micro "$operation-1-library.sessiond" $p50 | row "median $name, client library" µs 2
  micro "$operation-1-poll.sessiond" $p50 | row "median $name, bare, polling, sessiond" µs 2
  micro "$operation-1-poll.redis" $p50 | row "median $name, bare, polling, Redis" µs 2
  times "median $name, bare" "$operation-1" $p50 "${everybody[@]}"
  micro "$operation-1-library.sessiond" $processor | row "processor time, $name, client library" µs 2
  times "processor time, $name, bare" "$operation-1" $processor "${everybody[@]}"
  micro "$operation-1-library.sessiond" $both | row "server and client, $name, client library" µs 2
  times "server and client, $name, bare" "$operation-1" $both redis
done
against "median SET, library / Redis, bare" set-1-library.sessiond set-1.redis $p50 less 0.333
against "processor time, SET, same two" set-1-library.sessiond set-1.redis $processor less 1
against "server and client, SET, same two" set-1-library.sessiond set-1.redis $both less 1
against "median GET, library / Redis, bare" get-1-library.sessiond get-1.redis $p50 less 0.333
against "processor time, GET, same two" get-1-library.sessiond get-1.redis $processor less 1
against "server and client, GET, same two" get-1-library.sessiond get-1.redis $both less 1
against "median SET, both bare and polling" set-1-poll.sessiond set-1-poll.redis $p50 less
against "median SET, both bare, blocking" set-1.sessiond set-1.redis $p50 less
against "median GET, both bare and polling" get-1-poll.sessiond get-1-poll.redis $p50 less
against "median GET, both bare, blocking" get-1.sessiond get-1.redis $p50 less
echo
heading "one client that reads the mapping"
values get-1-mapped.sessiond $p50 | row "median GET, client library, mapped" ns 0
values get-1-mapped-zipf.sessiond $p50 | row "median GET, the same, Zipf" ns 0
values get-1.redis $p50 | row "median GET, Redis, bare" ns 0
values get-1-mapped.sessiond $rate | row "GET, client library, mapped" /s 0
values get-1-mapped-zipf.sessiond $rate | row "GET, the same, Zipf" /s 0
values get-1.redis $rate | row "GET, Redis, bare" /s 0
against "rate, GET, mapped / Redis, bare" get-1-mapped.sessiond get-1.redis $rate more
against "rate, GET, mapped, Zipf / Redis, bare" get-1-mapped-zipf.sessiond get-1.redis $rate more
against "server and client, GET, mapped / Redis" get-1-mapped.sessiond get-1.redis $both less
echo
heading "SET on few connections"
for number in 2 4 8; do
  rates "$number connections" "set-$number" sessiond unpolled redis
done
for number in 2 4 8; do
  against "$number connections / busy-poll off" "set-$number.sessiond" "set-$number.unpolled" $rate more "" own
  against "$number connections / Redis" "set-$number.sessiond" "set-$number.redis" $rate more
done
echo
heading "one client while every processor is busy"
micro busy-library.sessiond $p50 | row "median SET, client library" µs 2
micro busy-library-block.unpolled $p50 | row "median SET, client library, nobody polls" µs 2
micro busy-poll.sessiond $p50 | row "median SET, bare, polling, sessiond" µs 2
micro busy-bare.sessiond $p50 | row "median SET, bare" µs 2
micro busy-block.unpolled $p50 | row "median SET, bare, busy-poll off" µs 2
micro busy-block.redis $p50 | row "median SET, bare, Redis" µs 2
against "median SET, bare / busy-poll off" busy-bare.sessiond busy-block.unpolled $p50 less 1.1 own
against "rate, SET, bare / busy-poll off" busy-bare.sessiond busy-block.unpolled $rate more "" own
against "median SET, polling / busy-poll off" busy-poll.sessiond busy-block.unpolled $p50 less 1.1 own
against "processor time, SET, same two" busy-poll.sessiond busy-block.unpolled $processor less "" own
against "rate, SET, same two" busy-poll.sessiond busy-block.unpolled $rate more "" own
against "rate, SET, library, polling / nobody polls" busy-library.sessiond busy-library-block.unpolled $rate more "" own
values share-busy-poll.sessiond | row "left to others, bare, polling" % 1
values share-busy-bare.sessiond | row "left to others, bare" % 1
values share-busy-block.unpolled | row "left to others, bare, busy-poll off" % 1
values share-busy-library.sessiond | row "left to others, client library" % 1
values share-busy-library-block.unpolled | row "left to others, library, nobody polls" % 1
values share-busy-block.redis | row "left to others, bare, Redis" % 1
echo
heading "rate by length of value, 50 connections"
for length in 16 1024 4096 16384 65536; do
  against_both "GET, $length bytes" "get-50-$length" $rate more
  against_both "SET, $length bytes" "set-50-$length" $rate more
done
echo
heading "processor time by length of value, 50"
for length in 16 1024 4096 16384 65536; do
  against_both "GET, $length bytes" "get-50-$length" $processor less
  against_both "SET, $length bytes" "set-50-$length" $processor less
done
echo
heading "mixed, 50 connections"
rates "80 % GET" mix-80 "${everybody[@]}"
rates "50 % GET" mix-50 "${everybody[@]}"
rates "80 % GET, Zipf" zipf-80 "${everybody[@]}"
against_both "80 % GET" mix-80 $rate more
against_both "50 % GET" mix-50 $rate more
against_both "80 % GET, Zipf" zipf-80 $rate more
echo
heading "open loop, 80 % GET, 50 connections"
times "99th percentile" open $p99 "${everybody[@]}"
times "99.9th percentile" open $p999 "${everybody[@]}"
times "processor time" open $processor "${everybody[@]}"
against_both "99th percentile" open $p99 less
against_both "99.9th percentile" open $p999 less
echo
heading "a read by another process"
values mapped | row "client, mapped, as bytes" ns 1
values lmdb | row "LMDB, transaction and get, C" ns 1
against "mapped / LMDB" mapped lmdb 1 less 0.333
echo
heading "memory of a session of $(cut -d ' ' -f 2 "$results/memory.sessiond" | head -n 1) bytes"
values memory.sessiond 1 | row "sessiond" B 0
values memory.redis 1 | row "Redis, JSON text" B 0
values memory.redis-hash 1 | row "Redis, hash" B 0
values memory.memcached 1 | row "memcached, JSON text" B 0
awk '{ print $1, $2 }' "$results/memory.sessiond" >"$results/memory.taken"
awk '{ print $2 }' "$results/memory.sessiond" >"$results/memory.payload"
against "sessiond / payload" memory.taken memory.payload 1 less 1.15 own
against "sessiond / Redis, JSON text" memory.sessiond memory.redis 1 less 1
against "sessiond / Redis, hash" memory.sessiond memory.redis-hash 1 less 1
against "sessiond / memcached, JSON text" memory.sessiond memory.memcached 1 less 1
rm "$results/memory.taken" "$results/memory.payload"
echo
for name in get-50 set-50 get-16 set-16; do
  echo "processor time of the load itself, $name, in µs: $(
    for server in "${everybody[@]}"; do
      printf '%s %s  ' "$server" "$(micro "$name.$server" 8 | median)"
    done
  )"
done
