# Who may connect, and as what.

systemctl start sessiond.service
check "the socket is the group's" equal "660 root:sessiond-clients" "$(stat -c '%a %U:%G' "$socket")"
check "root is admin" matches '"role":"admin"' "$(ask HELLO)"
check "a member of the group is app" matches '"role":"app"' "$(ask_as app-user HELLO)"
check "a member may set and get" equal '"v"' "$(ask_as app-user 'SET s1 k "v"' 'GET s1 k' | sed -n '2s/^OK //p')"
refused() {
  local output
  ! output=$(ask_as stranger PING 2>&1) || {
    echo "answered: $output"
    return 1
  }
  matches 'Permission denied' "$output"
}
check "who is not in the group gets EACCES" refused

# Mapping: by a group that the user is in beside his own, looked up from within the locked-down unit.
echo 'mappers=%sessiond-clients' >"$configuration"
check "a list of those who may map is taken over" timeout 10 systemctl reload sessiond.service
may_map() { matches '^OK {"format":' "$(ask_as app-user MAP)"; }
check "a member may map the segment" eventually 5 may_map
echo 'mappers=stranger,%systemd-journal' >"$configuration"
check "so is another list" timeout 10 systemctl reload sessiond.service
may_not_map() { matches '^ERR denied ' "$(ask_as app-user MAP)"; }
check "who is not on it gets ERR denied" eventually 5 may_not_map
check "root may map all the same" matches '^OK {"format":' "$(ask MAP)"

# Roles: by the same group, for who connects after the reload.
echo 'readers=%sessiond-clients' >"$configuration"
check "a list of readers is taken over" timeout 10 systemctl reload sessiond.service
is_reader() { matches '"role":"reader"' "$(ask_as app-user HELLO)"; }
check "a member is a reader then" eventually 5 is_reader
check "a reader may not write" matches '^ERR denied ' "$(ask_as app-user 'SET s1 k 1')"

# The daemon must see the peer's own id, not the one of a user namespace: it counts by it.
echo 'max-connections-per-user=1' >"$configuration"
systemctl restart sessiond.service
second_is_refused() {
  local holder reply
  mkfifo /tmp/hold
  setpriv --reuid=app-user --regid=app-user --init-groups \
    timeout 30 socat - "UNIX-CONNECT:$socket" </tmp/hold >/tmp/held &
  holder=$!
  exec {hold}>/tmp/hold
  echo PING >&"$hold"
  eventually 5 grep -q pong /tmp/held || return 1
  # It only listens: what it wrote could meet a closed socket before the reply is read.
  reply=$(timeout 10 setpriv --reuid=app-user --regid=app-user --init-groups \
    socat -u "UNIX-CONNECT:$socket" -)
  exec {hold}>&-
  wait "$holder"
  matches "^ERR limit .*user $(id -u app-user) " "$reply"
}
check "a user's second connection is refused in that user's name" second_is_refused
check "another user is let in" equal 'OK "pong"' "$(ask PING)"

segment_closed() {
  equal "600 sessiond" "$(stat -c '%a %U' /run/sessiond/segment)"
}
check "the segment is the daemon's alone" segment_closed

process() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$(main_pid)/status" | tr -s '[:space:]' ' ' | sed 's/ $//'; }
daemon_uid=$(id -u sessiond)
check "the daemon runs as its own user" equal "$daemon_uid $daemon_uid $daemon_uid $daemon_uid" "$(process Uid)"
check "it has no capability" equal 0000000000000000 "$(process CapBnd)"
check "it can get no privileges" equal 1 "$(process NoNewPrivs)"
check "its system calls are filtered" equal 2 "$(process Seccomp)"
