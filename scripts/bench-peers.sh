#!/bin/bash
# bench-peers.sh RESULTS DESCRIPTION: prints Benchmarks/peers.tsv with what scripts/bench.sh has measured: medians. Its
# form is that of pictures/figures.tsv.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
results=$1 description=$2
. scripts/bench-rows.sh

declare -A called=([sessiond]=sessiond [redis]=Redis [memcached]=memcached)
# bars LABEL NAME COLUMN DIVISOR UNIT
bars() {
  local server
  for server in sessiond redis memcached; do
    middle "$2.$server" "$3" | awk -v label="$1, ${called[$server]}" -v divisor="$4" -v unit="$5" \
      -v kind="$([ "$server" = sessiond ] && echo own || echo other)" '{
        # Three digits that count.
        value = $1 / divisor; step = 1
        while (value / step >= 1000) step *= 10
        while (value / step < 100 && step > 0.001) step /= 10
        value = int(value / step + 0.5) * step
        text = value
        if (value >= 10000) text = sprintf("%d,%03d", int(value / 1000), value % 1000)
        if (value >= 1000000) text = sprintf("%d,%03d,%03d", int(value / 1000000), int(value / 1000) % 1000, value % 1000)
        printf "bar\t%s\t%s\t%s\t%s%s\n", kind, label, value, text, unit
      }'
  done
}

# bar KIND LABEL NAME: the median latency of a load, in microseconds.
bar() {
  middle "$3" 2 | awk -v kind="$1" -v label="$2" '{
    value = int($1 / 100 + 0.5) / 10
    printf "bar\t%s\t%s\t%s\t%s µs\n", kind, label, value, value
  }'
}

# fact NAME ABOUT
fact() {
  local bytes
  bytes=$(middle "$1" 1 | awk '{ printf "%d", $1 + 0.5 }')
  printf 'fact\t%s bytes\t%s\n' "$bytes" "$2"
}

machine=$(sed -n 's/^machine *\(.*\), load .*/\1/p' "$description" | head -n 1)
kernel=$(sed -n 's/^kernel *//p' "$description" | head -n 1)
versions=$(sed -n 's/^versions *//p' "$description" | head -n 1)
# All of it is looked up before anything is printed.
rates=$(bars GET get-50 1 1 ""; bars SET set-50 1 1 "")
deep=$(bars GET get-16 1 1 ""; bars SET set-16 1 1 "")
times=$(bars GET get-50 7 1000 " µs"; bars SET set-50 7 1000 " µs")
single=$(
  bar own "SET, sessiond, client library" set-1-library.sessiond
  bar own "SET, sessiond, polling client" set-1-poll.sessiond
  bar other "SET, Redis, polling client" set-1-poll.redis
  bars SET set-1 2 1000 " µs"
)
facts=$(
  fact memory.sessiond "of memory for a session of $(middle memory.sessiond 2) bytes, sessiond"
  fact memory.redis "Redis, as one JSON text"
  fact memory.redis-hash "Redis, as a hash"
  fact memory.memcached "memcached, as one JSON text"
)
cat <<END
# What \`make bench WRITE=1\` measured on $machine, $kernel:
# $versions. Medians. scripts/pictures.sh draws it. Separated by tabs; the columns are those of pictures/figures.tsv.
panel	linear	Requests a second, 50 connections	one request at a time on each, values of 256 bytes, Unix sockets
$rates
panel	linear	Requests a second, 16 in flight on each of 50 connections	values of 256 bytes
$deep
panel	linear	The server's processor time for a request, 50 connections	microseconds; less is better
$times
panel	linear	One client, one request at a time: the median	microseconds; less is better; bare blocking sockets where nothing else is said
$single
$facts
END
