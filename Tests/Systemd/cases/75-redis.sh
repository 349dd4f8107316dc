# The drop-in for Redis over TCP, as it is installed but for its address, with a server to talk to.

server_program() {
  local name
  for name in redis-server valkey-server redis-check-rdb valkey-check-rdb; do
    command -v "$name" && return
  done
  return 1
}
example=/usr/local/share/doc/sessiond/redis.conf.example
if ! program=$(server_program); then
  skip "a session is kept in Redis over TCP" "no Redis here (redis-tools)"
else
  # The program does what the name says that it is called by.
  mkdir -p /tmp/redis
  ln -sf "$program" /tmp/redis/redis-server
  # A unit of its own, so that it does not end with the case's shell.
  systemd-run --quiet --unit=redis-of-the-case /tmp/redis/redis-server --port 6390 --bind 127.0.0.1 --save '' \
    --dir /tmp/redis --requirepass secret --maxmemory-policy noeviction
  server_listens() { socat -u OPEN:/dev/null TCP:127.0.0.1:6390; }
  check "the server listens" eventually 10 server_listens

  (umask 0077 && echo secret >/etc/sessiond/store.password)
  echo 'store=redis://127.0.0.1:6390/0' >"$configuration"
  systemctl stop sessiond.service
  mkdir -p /run/systemd/system/sessiond.service.d
  sed 's/^IPAddressAllow=.*/IPAddressAllow=localhost/' "$example" >/run/systemd/system/sessiond.service.d/redis.conf
  systemctl daemon-reload
  check "the daemon starts with the drop-in" timeout 20 systemctl start sessiond.service
  asked() { equal "$1" "$(ask "$2")"; }
  check "it is connected to its store" eventually 10 asked NIL 'GET nobody'
  check "a session is kept" matches '^OK [0-9]+$' "$(ask 'SET kept k "in Redis"')"
  systemctl stop sessiond.service
  rm -rf /run/sessiond/segment
  systemctl start sessiond.service
  check "and comes back from there" eventually 10 asked 'OK "in Redis"' 'GET kept k'
  check "peers are seen as who they are" matches '"role":"app"' "$(ask_as app-user HELLO)"
  check "it is closed as far as it can be" systemd-analyze security --threshold=11 --no-pager sessiond.service
  systemctl stop redis-of-the-case.service
fi
