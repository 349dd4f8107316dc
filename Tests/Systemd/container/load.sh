# Clients that write without a pause, for cases that do something to the daemon meanwhile. Each knows what was
# acknowledged to it, and with that what may be there and what must be.

load=/tmp/load
# The writers of the load that is on, or was last; their sessions have these names, so each load has others.
writers=
loads=0

# writer NAME: counts up a session's number and makes a session of its own for each tenth step. It connects again
# whenever its connection ends. What is impossible goes to the file `wrong`, what socat(1) says to `errors`.
writer() {
  local name=$1 last=0 pending=0 made=0 connections=0 line to from bridge
  trap '' PIPE
  mkfifo "$load/$name.in" "$load/$name.out"
  while [ ! -e "$load/enough" ]; do
    timeout 120 socat -t 0.05 - "UNIX-CONNECT:$socket" <"$load/$name.in" >"$load/$name.out" 2>>"$load/errors" &
    bridge=$!
    exec {to}>"$load/$name.in" {from}<"$load/$name.out"
    connections=$((connections + 1))
    while [ ! -e "$load/enough" ]; do
      pending=$((pending + 1))
      echo "INCR $name n" 2>/dev/null >&"$to" && read -r -t 20 line <&"$from" || break
      # Requests without a reply may have been performed, each once; those with one were.
      case $line in
      "OK "*)
        line=${line#OK }
        [ "$line" -gt "$last" ] && [ "$line" -le $((last + pending)) ] ||
          echo "$name: counted to $line after $last, with $pending requests" >>"$load/wrong"
        last=$line pending=0
        ;;
      *) echo "$name: $line" >>"$load/wrong" ;;
      esac
      [ $((last % 10)) -eq 0 ] || continue
      made=$((made + 1))
      echo "SET $name-$made k $made" 2>/dev/null >&"$to" && read -r -t 20 line <&"$from" || break
      case $line in
      "OK "*) echo "$name-$made $made" >>"$load/$name.made" ;;
      *) echo "$name-$made: $line" >>"$load/wrong" ;;
      esac
    done
    exec {to}>&- {from}<&-
    wait "$bridge"
  done
  echo "$last $connections" >"$load/$name"
}

# Connects for each request anew.
connector() {
  local count=0
  while [ ! -e "$load/enough" ]; do
    timeout 20 socat -t 8 - "UNIX-CONNECT:$socket" <<<PING >/dev/null 2>>"$load/errors"
    count=$((count + 1))
  done
  echo "$count" >"$load/connector"
}

# begin_load: starts the clients; `writing` says whether all have had replies. Not for `check`, which runs what it checks
# in a shell of its own: the writers are this shell's, and would keep that one's output open.
begin_load() {
  local name
  rm -rf "$load"
  mkdir "$load"
  : >"$load/errors"
  : >"$load/wrong"
  load_pids=()
  loads=$((loads + 1))
  writers="w$loads-a w$loads-b w$loads-c"
  for name in $writers; do
    writer "$name" >/dev/null 2>"$load/$name.trouble" &
    load_pids+=($!)
  done
  connector >/dev/null 2>&1 &
  load_pids+=($!)
}
writing() {
  local name
  for name in $writers; do
    eventually 20 test -s "$load/$name.made" || {
      cat "$load/errors" "$load/wrong" "$load"/*.trouble
      return 1
    }
  done
}

end_load() {
  touch "$load/enough"
  wait "${load_pids[@]}"
}

made() { cat "$load"/*.made | wc -l; }

# more_made COUNT: waits until the writers have made so many more sessions. So the load is known to go on.
more_made() {
  local wanted=$(($(made) + $1))
  at_least_made() { [ "$(made)" -ge "$wanted" ]; }
  eventually 30 at_least_made
}

# What the load has found, once it has ended.
no_connect_failed() {
  ! grep -E 'connect\(' "$load/errors"
}
nothing_wrong() { equal "" "$(cat "$load/wrong")"; }
nothing_lost() {
  local name last
  for name in $writers; do
    read -r last _ <"$load/$name"
    ask "GET $name n" | {
      read -r _ found
      [ "$found" -ge "$last" ] || echo "$name: $found in the place of $last"
    }
  done >"$load/lost"
  cat "$load"/*.made >"$load/acknowledged"
  sed 's/^\([^ ]*\) .*/GET \1 k/' "$load/acknowledged" >"$load/questions"
  timeout 60 socat -t 20 - "UNIX-CONNECT:$socket" <"$load/questions" >"$load/answers"
  sed 's/^[^ ]* /OK /' "$load/acknowledged" | diff - "$load/answers" >>"$load/lost"
  equal "" "$(head -n 20 "$load/lost")"
}
# reconnected_most COUNT: how often a writer had to connect.
connected_most() {
  local name connections
  for name in $writers; do
    read -r _ connections <"$load/$name"
    [ "$connections" -le "$1" ] || {
      echo "$name connected $connections times"
      return 1
    }
  done
}

# judge_load TITLE: the three checks that every load ends with.
judge_load() {
  check "$1: no connection was refused" no_connect_failed
  check "$1: every reply was possible" nothing_wrong
  check "$1: nothing that was acknowledged is lost" nothing_lost
}
