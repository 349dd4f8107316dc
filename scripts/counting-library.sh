# shellcheck shell=bash
# What the scripts share that count instructions. Source it behind bench-library.sh; $disk is a directory where programs
# may run. The callgrind tool counts what the processor executes of a program, and nothing of the kernel.

# What bench-library.sh and its caller have set:
# shellcheck disable=SC2034,SC2154
: "$programs" "$directory" "$disk"

callgrind=(valgrind --quiet --tool=callgrind --vgdb=no --compress-strings=no --compress-pos=no)
# One thread that serves, and never polls.
counted_settings=(--threads 1 --busy-poll 0 --ttl 1h --max-memory 64M)

"${CC:-cc}" -O2 -Wall -Wextra -Werror -shared -fPIC -o "$disk/steady_clock.so" Benchmarks/steady_clock.c
# Without what tells of lines: valgrind's reader gives up at what Swift writes of that. Names of functions stay.
for program in sessiond sessionbench; do
  objcopy --strip-debug "$programs/$program" "$disk/$program"
done

# count_daemon OUT REQUESTS PATH OPTION…: writes to OUT what the daemon executes from its start to its end, with so many
# requests of `sessionbench count` between them.
count_daemon() {
  local out=$1 requests=$2 path=$3
  shift 3
  rm -f "$out" "$directory/counted.segment"
  # Swift's own hash tables are laid out by a seed that is another one in each process.
  LD_PRELOAD=$disk/steady_clock.so SWIFT_DETERMINISTIC_HASHING=1 \
    "${callgrind[@]}" --callgrind-out-file="$out" "$disk/sessiond" --socket "$directory/counted.sock" \
    --segment "$directory/counted.segment" --config "$directory/sessiond.conf" "${counted_settings[@]}" \
    >"$directory/counted.log" 2>&1 &
  process[counted]=$!
  children+=($!)
  await_answer counted
  bounded "$programs/sessionbench" count --socket "$directory/counted.sock" --path "$path" --requests "$requests" "$@" \
    <<<"" >/dev/null || fail "the requests '$path' were not answered"
  stop_server counted
  [ -s "$out" ] || fail "callgrind has written nothing: $(tail -n 5 "$directory/counted.log")"
}

# count_reads OUT READS PATH SOCKET: likewise what a program executes that reads out of the mapping.
count_reads() {
  SWIFT_DETERMINISTIC_HASHING=1 bounded "${callgrind[@]}" --callgrind-out-file="$1" "$disk/sessionbench" count \
    --socket "$4" --path "$3" --requests "$2" <<<"" >/dev/null 2>"$directory/counted.log" ||
    fail "the reads '$3' failed: $(tail -n 5 "$directory/counted.log")"
  [ -s "$1" ] || fail "callgrind has written nothing: $(tail -n 5 "$directory/counted.log")"
}

# total OUT: all instructions.
total() {
  local sum
  sum=$(sed -n 's/^totals: \([0-9]*\)$/\1/p' "$1")
  [ -n "$sum" ] || fail "$1 is no output of callgrind with its sum"
  echo "$sum"
}

# The versions that counts depend on.
counting_tools() {
  local swift_version
  swift_version=$("${SWIFT:-swift}" --version 2>/dev/null | sed -n 's/.*\(Swift version [0-9.]*\).*/\1/p' | head -n 1)
  echo "${swift_version/ version/}, $(getconf GNU_LIBC_VERSION), $(valgrind --version | tr - ' ')"
}
