# What happens to clients that write without a pause while the daemon is reloaded, restarted and killed.

. /scenario/container/load.sh
again() {
  local pid
  pid=$(main_pid)
  [ "$pid" -gt 1 ] && [ "$pid" != "$1" ] && active sessiond.service
}

systemctl start sessiond.service
begin_load
check "clients write" writing
reloads() {
  local round
  for round in 1 2 3 4 5; do
    echo "ttl=1${round}m" >"$configuration"
    timeout 10 systemctl reload sessiond.service && more_made 10 || return 1
  done
}
check "5 reloads amid them" reloads
end_load
judge_load "reload"
check "reload: nobody's connection ended" connected_most 1

restarts() {
  for _ in 1 2 3 4 5; do
    timeout 20 systemctl restart sessiond.service && more_made 10 || return 1
  done
}
begin_load
check "clients write again" writing
check "5 restarts amid them" restarts
end_load
judge_load "restart"
check "restart: the service did not fail" equal success "$(property sessiond.service Result)"

kills() {
  local pid
  for _ in 1 2 3 4 5; do
    pid=$(main_pid)
    kill -KILL "$pid" && eventually 10 again "$pid" && more_made 10 || return 1
  done
}
begin_load
check "clients write once more" writing
check "5 times kill -9 amid them" kills
end_load
judge_load "kill -9"

stops_and_starts() {
  for _ in 1 2 3; do
    timeout 20 systemctl stop sessiond.service && eventually 10 active sessiond.service && more_made 10 || return 1
  done
}
begin_load
check "clients write for the last time" writing
check "3 stops, each followed by a client's start of it" stops_and_starts
end_load
judge_load "stop"

# The daemon hangs two seconds after each start: SIGABRT amid writes, as often as the time allows.
fresh
drop_in WatchdogSec=2s Environment=SESSIOND_TEST_STALL=reactor:2s
systemctl start sessiond.service
hung=$(main_pid)
begin_load
check "clients write to a daemon that will hang" writing
check "the watchdog replaces it" eventually 20 again "$hung"
check "they go on" more_made 10
rm /run/systemd/system/sessiond.service.d/case.conf
systemctl daemon-reload
systemctl restart sessiond.service
end_load
judge_load "watchdog"
