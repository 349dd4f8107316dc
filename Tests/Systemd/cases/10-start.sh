# Start, readiness, status, stop.

starts() { timeout 20 systemctl start sessiond.service; }
check "start brings service and socket" starts
check "the service is active" active sessiond.service
check "the socket is active" active sessiond.socket
check "active means that PING is answered" answers
check "the type is notify" equal notify "$(property sessiond.service Type)"
check "the service was told its main process" test "$(main_pid)" -gt 1

ask 'SET s1 theme "dark"' >/dev/null
status_text() { matches "$1" "$(property sessiond.service StatusText)"; }
check "the status tells sessions and connections" eventually 10 status_text '[0-9]+ session.*[0-9]+ connection'
start_line() { matches 'sessiond 0\.' "$(journal_of_process --output cat)"; }
check "the journal has the daemon's start" start_line
start_priority() {
  matches '"PRIORITY":"[56]"' "$(journal_of_process --output json --output-fields PRIORITY | head -n 1)"
}
check "its priority is that of a notice or of information" start_priority
nothing_is_wrong() {
  local output status=0
  output=$(sessionctl doctor) || status=$?
  equal "Nothing is wrong." "$output" && equal 0 "$status"
}
check "the doctor finds nothing wrong with the unit as it is installed" nothing_is_wrong

stops() { timeout 5 systemctl stop sessiond.service; }
check "stop takes less than 5 s" stops
check "the stop was clean" equal success "$(property sessiond.service Result)"
check "the exit status was 0" equal 0 "$(property sessiond.service ExecMainStatus)"
check "the runtime directory stays" test -e /run/sessiond/segment
check "the socket still listens" active sessiond.socket
check "the first connect starts the daemon" answers
check "and the service is active then" eventually 5 active sessiond.service

stops_while_connected() {
  # A client that keeps its connection and one that asks all the time.
  timeout 20 socat -u "UNIX-CONNECT:$socket" /dev/null &
  local idle=$!
  while ask PING >/dev/null 2>&1; do :; done &
  local busy=$!
  local status=0
  timeout 5 systemctl stop sessiond.socket sessiond.service || status=$?
  wait "$idle" "$busy"
  return "$status"
}
check "stop takes less than 5 s with clients" stops_while_connected
check "that stop was clean, too" equal success "$(property sessiond.service Result)"
check "a stopped socket leaves no file" test ! -e "$socket"

# A client's question would wait for the start in any case, so the state is looked at without one.
fresh
drop_in ExecStart= "ExecStart=/bin/sh -c 'sleep 5 && exec $(command -v sessiond)'"
systemctl start --no-block sessiond.service
state() { equal "$1" "$(property sessiond.service ActiveState)"; }
check "a service whose daemon is not ready yet is activating" eventually 2 state activating
check "and not active" never 1 state active
check "but when it is ready" eventually 15 state active
check "and answers then" answers

fresh
drop_in WatchdogSec=0
systemctl start sessiond.service
finds_no_watchdog() {
  local output status=0
  output=$(sessionctl doctor --for 0s) || status=$?
  equal 1 "$status" && matches '^trouble: The watchdog is off in sessiond\.service' "$output"
}
check "the doctor finds a unit without a watchdog" finds_no_watchdog
