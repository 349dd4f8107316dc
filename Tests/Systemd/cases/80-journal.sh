# The journal: most of what README.md's table of the log tells is brought about here and looked for, with its priority, and
# requests of all kinds leave no line. The table itself is not read: who changes it changes this, too. What only a Redis,
# a full file system under /run or a lack of descriptors brings about is tried without systemd.

# logged LEVEL PATTERN: the daemon said it since the case began, with this priority and no other.
logged() { matches "$2" "$(journal_of_process --output cat --priority "$1..$1")"; }
logs() { check "$2: $3" eventually 10 logged "$1" "$3"; }
lines_logged() { journal_of_process --output cat | wc -l; }

systemctl start sessiond.service
logs 6 information 'the segment /run/sessiond/segment is new'
logs 5 notice 'sessiond [0-9.]+ is ready'
field() {
  matches '"SESSIOND_SEGMENT":"/run/sessiond/segment"' "$(journal_of_process --output json)"
}
check "with fields" field

# Requests of all kinds, a thousand of them, and clients that end in the midst of one.
before=$(lines_logged)
requests() {
  local number
  for number in $(seq 250); do
    printf '%s\n' "SET secretid$number secretkey \"secretvalue\"" "GET secretid$number" "INCR secretid$number n" "BAD secretid"
  done | timeout 30 socat -t 8 - "UNIX-CONNECT:$socket" | grep -c '^OK '
  printf 'SET secretid0 secretkey "unfini' | timeout 10 socat -u - "UNIX-CONNECT:$socket"
}
check "750 of 1,000 requests are performed" equal 750 "$(requests)"
check "none of them is logged" equal "$before" "$(lines_logged)"

echo 'ttl=1h' >"$configuration"
systemctl reload sessiond.service
logs 5 notice 'the configuration was reloaded'
# More than it ever begins with.
echo 'threads=5' >"$configuration"
systemctl reload sessiond.service
logs 4 warning 'only a restart applies it: .*threads'
echo 'max-memory=15T' >"$configuration"
systemctl reload sessiond.service
logs 4 warning 'the next start would fail: .*sessiond\.conf, line 1: max-memory: .15T. is too much'
echo 'ttl=banana' >"$configuration"
systemctl reload sessiond.service
logs 3 error 'the configuration was not reloaded and stays as it was: .*banana'
echo 'readers=app-user' >"$configuration"
systemctl reload sessiond.service
denied() { matches '^ERR denied ' "$(ask_as app-user 'SET secretid1 k 1')"; }
check "a reader is denied a change" eventually 5 denied
logs 5 notice "user $(id -u app-user) \(pid [0-9]+\) was denied a request"
systemctl restart sessiond.service
logs 5 notice 'going down'
logs 5 notice 'stopped'
logs 5 notice 'took over 250 sessions'

# An empty memory in front of a database that is not.
systemctl stop sessiond.service
rm /run/sessiond/segment
systemctl start sessiond.service
logs 5 notice 'the cache is warm: 250 sessions'
rm /var/lib/sessiond/sessions.db
logs 4 warning 'deleted, moved away or replaced'
check "the daemon serves all the same" equal 'OK "secretvalue"' "$(ask 'GET secretid7 secretkey')"
logs 5 notice 'the store is back after [0-9]+ ms'
all_saved() { ask STATS | grep -q '"unsaved":0,'; }
check "and puts all that it has into a new one" eventually 10 all_saved

# A segment that somebody wrote into.
systemctl stop sessiond.service
dd if=/dev/urandom of=/run/sessiond/segment bs=4096 seek=1 count=2 conv=notrunc status=none
systemctl start sessiond.service
logs 4 warning 'the segment /run/sessiond/segment is set aside as /run/sessiond/segment\.set-aside'
check "the sessions are there, by the database" equal 'OK "secretvalue"' "$(ask 'GET secretid7 secretkey')"
nothing_told() { ! journal_of_process --output json --all | grep -i secret; }
check "no id, no key and no value is in the journal" nothing_told

fresh
printf '%s\n' store=none max-memory=8M max-connections-per-user=1 >"$configuration"
drop_in LimitNOFILE=100
systemctl start sessiond.service
logs 4 warning '100 descriptors are allowed, so there are at most [0-9]+ connections'
fills() {
  local number text
  text=$(head -c 900000 /dev/zero | tr '\0' x)
  for number in $(seq 12); do
    printf 'SET big%s k "%s"\n' "$number" "$text"
  done | timeout 30 socat -t 8 - "UNIX-CONNECT:$socket" | grep '^ERR full' >/dev/null
}
check "a small cache is full" fills
logs 4 warning 'the cache is full: writes are refused \(max-memory is [0-9]+ bytes\)'
turned_away() {
  timeout 20 socat -u "UNIX-CONNECT:$socket" /dev/null &
  local holder=$! result=1
  for _ in $(seq 50); do
    ! ask PING | grep -q '^ERR limit' || {
      result=0
      break
    }
    sleep 0.1
  done
  kill "$holder"
  wait "$holder"
  return "$result"
}
check "a user has all his connections" turned_away
logs 4 warning 'a client of user 0 was turned away: all 1 connections of user 0 are in use'

# A disk that is full, and one that has room again.
fresh
mkdir -p /var/lib/sessiond
mount -t tmpfs -o size=2M tmpfs /var/lib/sessiond
systemctl start sessiond.service
ask 'SET s1 k 1' >/dev/null
sleep 2
head -c 4M /dev/zero 2>/dev/null >/var/lib/sessiond/other
# However often this is tried, all of it has room when the other file has gone.
full_disk() {
  ask "SET s1 big \"$(head -c 30000 /dev/zero | tr '\0' x)\"" >/dev/null
  logged 4 'the store is away: .*; what is in memory is served'
}
check "warning: the store is away" eventually 20 full_disk
away_in_status() { matches 'store' "$(property sessiond.service StatusText)"; }
check "the status tells it" eventually 10 away_in_status
check "what is in memory is served" equal 'OK 1' "$(ask 'GET s1 k')"
systemctl stop sessiond.service
logs 4 warning 'changes are not in the store yet; they stay in the segment for the next start'
systemctl start sessiond.service
check "it is away from the start" eventually 20 away_in_status
rm /var/lib/sessiond/other
# It is looked after every five seconds at the latest.
check "notice: the store is back" eventually 30 logged 5 'the store is back after [0-9]+ ms'
check "and has what it had not" equal 'OK 1' "$(ask 'GET s1 k')"
systemctl stop sessiond.socket sessiond.service
umount /var/lib/sessiond

# A small tmpfs in the place of the segment's directory, and a disk, where this machine has one that can be had here.
fresh
mkdir -p /run/sessiond
mount -t tmpfs -o size=64M tmpfs /run/sessiond
systemctl start sessiond.service
logs 4 warning 'max-memory: the default, 256M, is never reached: the tmpfs of .* has 64M in all'
systemctl stop sessiond.socket sessiond.service
umount /run/sessiond

fresh
case $(stat --file-system --format %T /result) in
tmpfs | ramfs) leave_out "critical: the segment is on a disk" "there is no disk in this container" ;;
*)
  mkdir -p /result/disk
  chown sessiond: /result/disk
  echo 'segment=/result/disk/segment' >"$configuration"
  drop_in ReadWritePaths=/result/disk
  systemctl start sessiond.service 2>/dev/null || true
  logs 2 critical "segment: '/result/disk/segment' is on a disk"
  echo 'segment-on-disk=allow' >>"$configuration"
  systemctl reset-failed sessiond.service sessiond.socket
  systemctl start sessiond.service
  check "it starts where that is allowed" equal 'OK "pong"' "$(ask PING)"
  systemctl stop sessiond.socket sessiond.service
  rm -r /result/disk
  ;;
esac

fresh
drop_in WatchdogSec=2s Environment=SESSIOND_TEST_STALL=reactor:2s
systemctl start sessiond.service
logs 2 critical 'stuck: reactor 0'

fresh
echo 'max-memory=lots' >"$configuration"
timeout 20 systemctl start sessiond.service 2>/dev/null
logs 2 critical 'sessiond\.conf.*max-memory.*lots'

fresh
echo 'log-level=error' >"$configuration"
systemctl start sessiond.service
systemctl stop sessiond.service
check "with log-level=error a start and a stop are silent" equal 0 "$(lines_logged)"
