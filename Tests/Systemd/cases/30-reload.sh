# Reload: a good configuration is taken over, a bad one changes nothing and is told.

echo 'ttl=10m' >"$configuration"
systemctl start sessiond.service
pid=$(main_pid)

# The TTL that a new session gets, in whole seconds, within LOW..HIGH.
ttl_within() {
  local reply seconds
  reply=$(ask 'DEL probe' 'SET probe k 1' 'TTL probe' | tail -n 1)
  seconds=${reply#OK }
  seconds=${seconds%%.*}
  [ "$seconds" -ge "$1" ] && [ "$seconds" -le "$2" ] || {
    echo "TTL: $reply"
    return 1
  }
}
check "the configuration file is read at the start" ttl_within 590 600

# A client that is connected all the while.
mkfifo /tmp/requests
timeout 60 socat -t 8 - "UNIX-CONNECT:$socket" </tmp/requests >/tmp/replies &
holder=$!
exec {requests}>/tmp/requests
echo PING >&"$requests"
check "a client is connected" eventually 5 grep -q pong /tmp/replies

echo 'ttl=20s' >"$configuration"
check "reload succeeds" timeout 10 systemctl reload sessiond.service
check "reload changes the TTL" eventually 5 ttl_within 10 20
check "the service is active after it" eventually 5 active sessiond.service

echo 'ttl=banana' >"$configuration"
systemctl reload sessiond.service
told() {
  matches 'ttl|banana' "$(property sessiond.service StatusText)" || journal_has 'banana|ttl'
}
check "a bad configuration is told" eventually 5 told
check "and the old one stays" ttl_within 10 20
check "the daemon has a process" test "$pid" -gt 1
check "no reload restarts it" equal "$pid" "$(main_pid)"
check "the service is active still" eventually 5 active sessiond.service
echo PING >&"$requests"
two_replies() { equal 2 "$(grep -c pong /tmp/replies)"; }
check "the connected client was not dropped" eventually 5 two_replies
exec {requests}>&-
wait "$holder"
