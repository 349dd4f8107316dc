# Crashes and hangs: systemd brings the daemon back, and the socket never goes away.

systemctl start sessiond.service
another() {
  local pid
  pid=$(main_pid)
  [ "$pid" -gt 1 ] && [ "$pid" != "$1" ] && active sessiond.service
}
version=$(ask 'SET survivor k "kept" ' | sed -n 's/^OK //p')
first=$(main_pid)
kill -KILL "$first"
check "a killed daemon comes back" eventually 10 another "$first"
check "and answers" answers
check "and has its sessions" equal 'OK "kept"' "$(ask 'GET survivor k')"
check "at their versions" equal "ERR conflict current version $version" "$(ask 'SET survivor k IF 0 2')"
systemctl restart sessiond.service
check "a restart keeps them too" equal 'OK "kept"' "$(ask 'GET survivor k')"
check "the journal tells of it" matches 'took over [0-9]+ sessions' "$(journalctl -u sessiond.service -o cat)"
systemctl stop sessiond.service sessiond.socket
systemctl start sessiond.service
check "so does a stop" equal 'OK "kept"' "$(ask 'GET survivor k')"

# Clients ask without a pause while the daemon is killed again and again.
killed_often() {
  local pid restarts=0
  rm -f /tmp/enough
  for _ in 1 2; do
    (while [ ! -e /tmp/enough ]; do ask PING >/dev/null 2>&1; done) &
  done
  for _ in $(seq 15); do
    pid=$(main_pid)
    [ "$pid" -gt 1 ] && kill -KILL "$pid" && eventually 10 another "$pid" || break
    restarts=$((restarts + 1))
  done
  touch /tmp/enough
  wait
  equal 15 "$restarts"
}
check "15 crashes in a row are 15 restarts" killed_often
check "and the socket stays" active sessiond.socket
check "and answers" answers

for thread in reactor reclaimer; do
  fresh
  drop_in WatchdogSec=2s "Environment=SESSIOND_TEST_STALL=$thread:2s"
  systemctl start sessiond.service
  stalled=$(main_pid)
  check "a daemon whose $thread hangs is replaced" eventually 20 another "$stalled"
  watchdog_told() { matches 'Watchdog timeout' "$(journal sessiond.service --output cat)"; }
  check "by the watchdog ($thread)" eventually 5 watchdog_told
done

fresh
drop_in WatchdogSec=2s
systemctl start sessiond.service
healthy=$(main_pid)
check "an idle daemon satisfies the watchdog" never 6 another "$healthy"

# A daemon that dies at once, as fast as the restarts come, while a client waits.
fresh
drop_in ExecStart= ExecStart=/bin/false
timeout 60 socat -t 30 - "UNIX-CONNECT:$socket" <<<PING >/tmp/answer 2>&1 &
waiting=$!
dies_often() {
  local restarts
  restarts=$(property sessiond.service NRestarts)
  [ "$restarts" -ge 30 ] || {
    echo "$restarts restarts"
    return 1
  }
}
check "a daemon that dies at each start is started again and again" eventually 20 dies_often
check "which does not cost the socket" active sessiond.socket
rm /run/systemd/system/sessiond.service.d/case.conf
systemctl daemon-reload
wait "$waiting"
check "the client that waited gets its answer in the end" equal 'OK "pong"' "$(cat /tmp/answer)"
