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
