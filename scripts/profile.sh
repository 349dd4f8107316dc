#!/bin/bash
# Shows where the time of a GET, of a SET and of a read out of the mapping goes, as a Markdown table, and what is left
# above a bare loop, which does the system calls of a server and nothing else. Nothing fails for being slow.
#
# Processor time in the program and in the kernel is the kernel's own count (/proc/PID/stat) of a daemon with one thread
# and 50 connections; how the program's part is divided is counted in instructions by callgrind; perf, where there is
# one, divides the kernel's part.
#
#   ROUNDS=5             how often every load has its turn
#   REQUESTS=204800      requests of a turn, 8 times as many where 16 are in flight; a multiple of 100
#   COUNTED=10240        requests under callgrind
#   FUNCTIONS=0          how many of the costliest functions are listed too
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-5}
requests=${REQUESTS:-204800}
counted=${COUNTED:-10240}
counted_reads=102400
functions=${FUNCTIONS:-0}
connections=50
batch_ms=2000
# "OK ", a value of 258 bytes and the line's end; "OK ", a version and that.
get_bytes=262
set_bytes=9

# With the names of the functions inside libc.
scripts/setup.sh valgrind binutils libc6-dbg
bench="profile"
. scripts/bench-library.sh
. scripts/bench-rows.sh
want_numbers "$rounds" "$requests" "$counted"
make_disk
. scripts/counting-library.sh

"${CC:-cc}" -O2 -Wall -Wextra -Werror -o "$disk/bare_loop" Benchmarks/bare_loop.c

### Instructions

# costs OUT: the instructions of every function but for those it calls, with source file and name.
costs() {
  awk '
    /^f[lie]=/ { file = substr($0, 4); next }
    /^fn=/ { name = substr($0, 4); sub(/\047[0-9]+$/, "", name); next }
    /^calls=/ { is_called = 1; next }
    /^[0-9]/ {
      if (!is_called) sum[file "\t" name] += $2
      is_called = 0
    }
    END { for (place in sum) printf "%.0f\t%s\n", sum[place], place }' "$1"
}

# profile_of NAME ONCE TWICE: what twice as many requests took more, among the results.
profile_of() {
  costs "$2" >"$disk/once.costs"
  costs "$3" >"$disk/twice.costs"
  awk -F '\t' '
    FILENAME == ARGV[1] { before[$2 FS $3] = $1; next }
    $1 > before[$2 FS $3] { printf "%.0f\t%s\t%s\n", $1 - before[$2 FS $3], $2, $3 }' \
    "$disk/once.costs" "$disk/twice.costs" | "${SWIFT:-swift}" demangle --simplified >"$results/$1.costs"
}

count_all() {
  local path
  for path in get set; do
    count_daemon "$disk/once" "$counted" "$path"
    count_daemon "$disk/twice" $((2 * counted)) "$path"
    profile_of "$path" "$disk/once" "$disk/twice"
  done
  count_reads "$disk/once" "$counted_reads" bytes "$directory/sessiond.sock"
  count_reads "$disk/twice" $((2 * counted_reads)) bytes "$directory/sessiond.sock"
  profile_of bytes "$disk/once" "$disk/twice"
}

### Time

start_servers() {
  start sessiond 64M --threads 1 --busy-poll 0
  start_bare bare-get "$get_bytes"
  start_bare bare-set "$set_bytes"
}

# start_bare NAME REPLY-BYTES
start_bare() {
  "$disk/bare_loop" "$directory/$1.sock" "$2" >"$directory/$1.log" 2>&1 &
  process[$1]=$!
  children+=($!)
  await_socket "$1"
}

declare -A server
# launch_load NAME SERVER PATH DEPTH
launch_load() {
  server[$1]=$2
  launch "$1" "$programs/sessionbench" count --socket "$directory/$2.sock" --path "$3" --depth "$4" \
    --connections "$connections" --requests $((requests * ($4 == 1 ? 1 : 8)))
}

# launch_loop NAME SERVER
launch_loop() {
  server[$1]=$2
  launch "$1" "$programs/sessionbench" loop --socket "$directory/$2.sock" --connections "$connections" \
    --sessions 1024 --milliseconds "$batch_ms" --lead 0 --daemon "${process[$2]}"
}

launch_all() {
  local depth path
  for path in get set; do
    for depth in 1 16; do
      launch_load "$path-$depth" sessiond "$path" "$depth"
      launch_load "$path-$depth-bare" "bare-$path" "$path" "$depth"
    done
  done
  launch_loop loop-1 sessiond
  launch_loop loop-1-bare bare-set
  launch bytes "$programs/sessionbench" count --socket "$directory/sessiond.sock" --path bytes \
    --requests $((requests * 20 / 1024 * 1024))
}

# ticks PID: what it has had of the processor's time, in the program and in the kernel (proc(5)).
ticks() {
  local stat fields
  stat=$(<"/proc/$1/stat")
  # The program's name, in parentheses, may hold anything.
  read -r -a fields <<<"${stat##*) }"
  echo "${fields[11]} ${fields[12]}"
}

# timed NAME: a turn of it; keeps microseconds a request of its server, in the program and in the kernel.
timed() {
  local before after
  before=$(ticks "${process[${server[$1]}]}")
  begin "$1"
  hear "$1"
  after=$(ticks "${process[${server[$1]}]}")
  awk -v us="$((1000000 / $(getconf CLK_TCK)))" -v requests="${line##* }" \
    '{ printf "%.4f %.4f\n", ($3 - $1) * us / requests, ($4 - $2) * us / requests }' <<<"$before $after" >>"$results/$1"
}

round() {
  local name
  for name in get-1 set-1 get-16 set-16 loop-1; do
    timed "$name"
    timed "$name-bare"
  done
  batch bytes
}

### What the kernel does, by perf

can_perf() {
  command -v perf >/dev/null && perf record -q -e cpu-clock:k -g -o "$disk/perf.data" true 2>/dev/null
}

# kernel_parts NAME: how the kernel's part of a load is divided among system calls.
kernel_parts() {
  begin "$1"
  # What it could not record is not told; the load has to be heard in any case.
  perf record -q -e cpu-clock:k -g -F 997 -p "${process[${server[$1]}]}" -o "$disk/perf.data" -- sleep 0.5 \
    2>/dev/null || true
  hear "$1"
  perf script -i "$disk/perf.data" -F ip,sym 2>/dev/null | awk '
    BEGIN { RS = "" }
    {
      samples++
      call = "other"
      if (match($0, /__[a-z0-9]+_sys_[a-z0-9_]+/)) {
        call = substr($0, RSTART, RLENGTH)
        sub(/.*_sys_/, "", call)
      }
      count[call]++
    }
    END { for (call in count) printf "%.0f %s\n", count[call] / samples * 100, call }' | sort -rn |
    awk '$1 > 0 { printf "%s%s %d %%", separator, $2, $1; separator = ", " } END { print "" }'
}

### The tables

print_parts() {
  local path
  for path in get set; do
    printf '%s\t%s\t%s\t%s\t%s\n' "$path" "${path^^}" "$(middle "$path-1" 1)" "$(middle "$path-1" 2)" "$counted"
  done >"$results/times"
  printf 'bytes\tmapped read\t%s\t0\t%s\n' "$(middle bytes 2 | awk '{ print $1 / 1000 }')" "$counted_reads" \
    >>"$results/times"
  awk -v functions="$functions" -f scripts/profile-shares.awk "$results/times" "$results/get.costs" \
    "$results/set.costs" "$results/bytes.costs"
}

# print_load TITLE NAME
print_load() {
  awk -v title="$1" '{
    printf "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |\n", title, $1, $2, $1 + $2, $3 + $4, $1 + $2 - $3 - $4
  }' <<<"$(middle "$2" 1) $(middle "$2" 2) $(middle "$2-bare" 1) $(middle "$2-bare" 2)"
}

print_loads() {
  cat <<'END_OF_HEAD'
| µs of the processor a request | in the program | in the kernel | together | bare loop | left above it |
|---|--:|--:|--:|--:|--:|
END_OF_HEAD
  print_load "GET, 1 in flight" get-1
  print_load "SET, 1 in flight" set-1
  print_load "GET, 16 in flight" get-16
  print_load "SET, 16 in flight" set-16
  print_load "SET, each when its reply is there (\`sessionbench loop\`)" loop-1
}

### The course of it

start_servers
echo "counting instructions …"
count_all
echo "measuring: $rounds rounds …"
launch_all
for _ in $(seq "$rounds"); do
  round
done
if can_perf; then
  kernel_get=$(kernel_parts get-1)
  kernel_set=$(kernel_parts set-1)
fi
dismiss_all

describe_machine
cat <<END_OF_TEXT
versions   $("$programs/sessiond" --version), $(counting_tools)
load       $connections connections, 1 in flight on each, values of 256 bytes, $rounds rounds, medians; one thread,
           busy-poll 0. Instructions: one connection, 1 in flight.

END_OF_TEXT
print_parts
echo
if [ -n "${kernel_get:-}" ]; then
  echo "In the kernel, by perf: GET $kernel_get; SET $kernel_set."
else
  echo "The kernel's part is not divided: perf is not to be had here."
fi
echo
print_loads
echo
echo "took $SECONDS s"
