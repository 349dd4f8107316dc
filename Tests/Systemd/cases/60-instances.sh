# Two caches side by side.

echo 'ttl=100s' >/etc/sessiond/a.conf
echo 'ttl=200s' >/etc/sessiond/b.conf
check "two instances start" timeout 20 systemctl start sessiond@a.service sessiond@b.service
check "a answers" equal 'OK "pong"' "$(ask_at /run/sessiond-a.sock PING)"
check "b answers" equal 'OK "pong"' "$(ask_at /run/sessiond-b.sock PING)"
ask_at /run/sessiond-a.sock 'SET s1 k 1' >/dev/null
check "a has its session" equal 'OK 1' "$(ask_at /run/sessiond-a.sock 'GET s1 k')"
check "b has it not" equal NIL "$(ask_at /run/sessiond-b.sock 'GET s1 k')"
ask_at /run/sessiond-b.sock 'SET s2 k 1' >/dev/null
check "a has a configuration of its own" matches '^OK (9[0-9](\.[0-9]+)?|100)$' "$(ask_at /run/sessiond-a.sock 'TTL s1')"
check "b has another" matches '^OK (19[0-9](\.[0-9]+)?|200)$' "$(ask_at /run/sessiond-b.sock 'TTL s2')"
for instance in a b; do
  check "$instance has a segment of its own" test -e "/run/sessiond-$instance/segment"
  check "$instance has a state directory of its own" \
    equal "700 sessiond" "$(stat -c '%a %U' "/var/lib/sessiond-$instance")"
done
systemctl stop sessiond@a.socket sessiond@a.service
check "b goes on when a stops" equal 'OK 1' "$(ask_at /run/sessiond-b.sock 'GET s2 k')"
missing() { ! timeout 20 systemctl start sessiond@c.service; }
check "an instance without a configuration file does not start" missing
