# shellcheck shell=bash
# What the benchmarks' scripts share: children that are started, take turns and are stopped. Source it with the script's
# name in $bench. It makes a directory in memory, $directory, which goes with the script; results go to $results in it.

# What those who source it use, and what they set:
# shellcheck disable=SC2034,SC2154
: "$bench"

# Another build than the release, to try the scripts themselves.
programs=${PROGRAMS:-.build/release}

fail() {
  echo "$bench: $*" >&2
  exit 1
}

# want_numbers NUMBER…: settings that are whole numbers above 0.
want_numbers() {
  local number
  for number in "$@"; do
    [[ "$number" =~ ^[1-9][0-9]{0,9}$ ]] || {
      echo "$bench: '$number' is no whole number from 1 to 9999999999" >&2
      exit 64
    }
  done
}

# Seconds that no program takes that does one thing.
patience=3600
# bounded PROGRAM ARGUMENT…: runs it for so long at most.
bounded() {
  local status=0
  timeout --foreground "$patience" "$@" || status=$?
  [ "$status" -ne 124 ] || fail "after $patience seconds it goes on: $*"
  return "$status"
}

children=()
# So that none is left behind, and none of others' is hit: only what this script has started, by pid.
stop() {
  local status=$?
  trap '' INT TERM
  end_children
  rm -rf ${directory:+"$directory"} ${disk:+"$disk"}
  exit "$status"
}
# Whoever does not end when told has ten seconds.
end_children() {
  [ "${#children[@]}" -gt 0 ] || return 0
  kill "${children[@]}" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "${children[@]}" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "${children[@]}" 2>/dev/null || true
  wait "${children[@]}" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# forget PID: it has ended.
forget() {
  local left=() child
  for child in "${children[@]}"; do
    [ "$child" = "$1" ] || left+=("$child")
  done
  children=("${left[@]}")
}

# await_end NAME PID: until a child that has been told so has ended, and well; for a minute.
await_end() {
  for _ in $(seq 1200); do
    kill -0 "$2" 2>/dev/null || break
    sleep 0.05
  done
  ! kill -0 "$2" 2>/dev/null || fail "'$1' does not end"
  wait "$2" || fail "'$1' ended with status $?: $(tail -n 3 "$directory/$1.log" 2>/dev/null)"
  forget "$2"
}

for program in sessiond sessionctl sessionbench; do
  [ -x "$programs/$program" ] || fail "there is no $programs/$program; make build makes it"
done
unset program
directory=$(mktemp -d "/dev/shm/$bench.XXXXXX")
results=$directory/results
mkdir "$results"

# make_disk [DIRECTORY]: makes a directory on a disk in it, $disk, which goes with the script, too.
make_disk() {
  disk=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/$bench.XXXXXX")
}

# free_mib: what /dev/shm has left.
free_mib() {
  df --output=avail -BM "$directory" | tail -n 1 | tr -dc 0-9
}

# want_mib MEBIBYTES SETTING
want_mib() {
  [ "$(free_mib)" -ge "$1" ] || fail "/dev/shm has no $1 MiB left; set $2 to fewer sessions"
}

### Those who read and write: processes that do a batch for each line that they get

declare -A input output child
# launch NAME PROGRAM ARGUMENT…: starts one, which warms up, and hears that it is ready.
launch() {
  local name=$1 to from
  shift
  mkfifo "$directory/$name.in" "$directory/$name.out"
  "$@" <"$directory/$name.in" >"$directory/$name.out" &
  child[$name]=$!
  children+=($!)
  exec {to}>"$directory/$name.in" {from}<"$directory/$name.out"
  input[$name]=$to
  output[$name]=$from
  hear "$name"
}

# build_lmdb: makes the program that reads LMDB.
build_lmdb() {
  "${CC:-cc}" -O2 -Wall -Wextra -Werror -o "$directory/lmdb_reads" Benchmarks/lmdb_reads.c -llmdb
}

# launch_lmdb SESSIONS MILLISECONDS: fills a database and launches who reads it, as 'lmdb'; leaves its version in
# $lmdb_version.
launch_lmdb() {
  mkdir "$directory/lmdb"
  "$directory/lmdb_reads" fill "$directory/lmdb" "$1"
  launch lmdb "$directory/lmdb_reads" read "$directory/lmdb" "$1" "$2"
  lmdb_version=${line#ready }
  lmdb_version=${lmdb_version%: (*}
}

# hear NAME: its next line, in $line.
hear() {
  read -r -t 60 line <&"${output[$1]}" || fail "'$1' has stopped, or takes longer than a minute"
}

begin() {
  echo >&"${input[$1]}"
}

# batch NAME [RESULT]: lets one do a batch, and keeps what it says.
batch() {
  begin "$1"
  hear "$1"
  echo "$line" >>"$results/${2:-$1}"
}

# Without input they end. Each has copies of the pipes of those launched before it, so the last one ends first.
dismiss_all() {
  local name to from
  for name in "${!child[@]}"; do
    to=${input[$name]} from=${output[$name]}
    exec {to}>&- {from}<&-
  done
  for name in "${!child[@]}"; do
    await_end "$name" "${child[$name]}"
  done
}

### Servers: each with a name, a socket and a log of that name, and a process

declare -A process
: >"$directory/sessiond.conf"
# start_daemon NAME MAX-MEMORY OPTION…: does not wait until it answers.
start_daemon() {
  local name=$1 memory=$2
  shift 2
  "$programs/sessiond" --socket "$directory/$name.sock" --segment "$directory/$name.segment" --max-memory "$memory" \
    --ttl 1h --config "$directory/sessiond.conf" "$@" 2>>"$directory/$name.log" &
  process[$name]=$!
  children+=($!)
}

# await_answer NAME: of a daemon, for a minute, which is what it may need under another program's eyes.
await_answer() {
  for _ in $(seq 600); do
    "$programs/sessionctl" ping --socket "$directory/$1.sock" >/dev/null 2>&1 && return
    kill -0 "${process[$1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$directory/$1.log" >&2
  fail "the daemon '$1' does not answer"
}

# start NAME MAX-MEMORY OPTION…: a daemon, until it answers.
start() {
  start_daemon "$@"
  await_answer "$1"
}

# stop_server NAME: one that ends well when it is told to.
stop_server() {
  kill "${process[$1]}" || fail "'$1' has ended: $(tail -n 3 "$directory/$1.log")"
  await_end "$1" "${process[$1]}"
}

# kill_server NAME
kill_server() {
  kill -KILL "${process[$1]}"
  wait "${process[$1]}" 2>/dev/null || true
  forget "${process[$1]}"
}

# statistics NAME: a daemon's, as JSON.
statistics() {
  "$programs/sessionctl" stats --json --socket "$directory/$1.sock"
}

# member JSON NAME: a number in it.
member() {
  sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" <<<"$1"
}

# mapped_hits JSON: how many reads were answered out of the mapping.
mapped_hits() {
  sed -n 's/.*"mapped":{"hits":\([0-9]*\).*/\1/p' <<<"$1"
}

# want NAME MEMBER NUMBER: what is slow is no failure; what is lost would be one.
want() {
  local told
  told=$(statistics "$1")
  [ "$(member "$told" "$2")" = "$3" ] || fail "'$2' of '$1' is not $3: $told"
}

# fill NAME SESSIONS OPTION…: sessions of sessionbench fill.
fill() {
  local name=$1 sessions=$2
  shift 2
  bounded "$programs/sessionbench" fill --socket "$directory/$name.sock" --sessions "$sessions" "$@"
}

# await_socket NAME: a server's that has not ended, for ten seconds.
await_socket() {
  for _ in $(seq 200); do
    [ -S "$directory/$1.sock" ] && return
    kill -0 "${process[$1]}" 2>/dev/null || break
    sleep 0.05
  done
  fail "'$1' did not start: $(cat "$directory/$1.log")"
}

redis_settings=(--port 0 --save "" --appendonly no --dir "$directory")
# start_redis [NAME]
start_redis() {
  local name=${1:-redis}
  redis_server=$(command -v redis-server || true)
  if [ -z "$redis_server" ]; then
    # It looks at its name to know what it is.
    redis_server=$directory/redis-server
    [ -e "$redis_server" ] || ln -s "$(command -v redis-check-rdb)" "$redis_server"
  fi
  "$redis_server" "${redis_settings[@]}" --unixsocket "$directory/$name.sock" >"$directory/$name.log" 2>&1 &
  process[$name]=$!
  children+=($!)
  await_socket "$name"
}

### What was measured, and on what

describe_machine() {
  cat <<END

machine    $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg)
kernel     $(uname -sr)
END
}

# The versions of the programs, with commas between them.
own_versions() {
  local swift
  swift=$("${SWIFT:-swift}" --version 2>/dev/null | sed -n 's/.*\(Swift version [0-9.]*\).*/\1/p' | head -n 1)
  echo "sessiond $("$programs/sessiond" --version), $swift"
}
redis_version() {
  echo "Redis $("$redis_server" --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p')"
}
sqlite_version() {
  echo "SQLite $(pkg-config --modversion sqlite3 2>/dev/null || echo "of this system")"
}

# Of what $disk is a part.
describe_disk() {
  echo "disk       $(df --output=source,fstype "$disk" | tail -n 1 | tr -s ' '), $disk"
}
