# What the benchmarks' scripts share: children that are started, take turns and are stopped. Source it with the
# script's name in $bench, a directory of its own in $directory, and perhaps one on a disk in $disk; results go to
# $directory/results.

# Another build than the release, to try the scripts themselves.
programs=${PROGRAMS:-.build/release}
results=$directory/results
mkdir "$results"

fail() {
  echo "$bench: $*" >&2
  exit 1
}

children=()
# So that none is left behind, and none of others' is hit: only what this script has started, by pid.
stop() {
  status=$?
  trap '' INT TERM
  [ "${#children[@]}" -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$directory" ${disk:+"$disk"}
  exit "$status"
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

### Those who read and write: processes that do a batch for each line that they get

declare -A input output child
# launch NAME PROGRAM ARGUMENT…: starts one, which warms up.
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
    wait "${child[$name]}" || fail "'$name' ended with status $?"
    forget "${child[$name]}"
  done
}

### Servers

: >"$directory/sessiond.conf"
# start_daemon NAME MAX-MEMORY OPTION…: its pid is left in $daemon.
start_daemon() {
  local name=$1 memory=$2
  shift 2
  "$programs/sessiond" --socket "$directory/$name.sock" --segment "$directory/$name.segment" --max-memory "$memory" \
    --ttl 1h --config "$directory/sessiond.conf" "$@" 2>>"$directory/$name.log" &
  daemon=$!
  children+=("$daemon")
}

redis_settings=(--port 0 --unixsocket "$directory/redis.sock" --save "" --appendonly no --dir "$directory")
start_redis() {
  server=$(command -v redis-server || true)
  if [ -z "$server" ]; then
    # It looks at its name to know what it is.
    server=$directory/redis-server
    ln -s "$(command -v redis-check-rdb)" "$server"
  fi
  "$server" "${redis_settings[@]}" >"$directory/redis.log" 2>&1 &
  children+=($!)
  for _ in $(seq 200); do
    [ -S "$directory/redis.sock" ] && return
    sleep 0.05
  done
  fail "redis-server did not start: $(cat "$directory/redis.log")"
}

# await_answer NAME
await_answer() {
  for _ in $(seq 200); do
    "$programs/sessionctl" ping --socket "$directory/$1.sock" >/dev/null 2>&1 && return
    sleep 0.05
  done
  cat "$directory/$1.log" >&2
  fail "the daemon '$1' does not answer"
}

### What was measured, and on what

# member JSON NAME: a number in it.
member() {
  sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" <<<"$1"
}

describe_machine() {
  cat <<END

machine    $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg)
kernel     $(uname -sr)
END
}

# The versions of the programs, with commas between them.
versions() {
  echo "$("$programs/sessiond" --version | sed 's/^/sessiond /'), $("${SWIFT:-swift}" --version 2>/dev/null | sed -n 's/.*\(Swift version [0-9.]*\).*/\1/p'), Redis $("$server" --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p')"
}
