# What the cases are written with. Every wait has an end.

socket=/run/sessiond.sock
configuration=/etc/sessiond/sessiond.conf
passed=0 failed=0 skipped=0

# check NAME COMMAND...: the command's success is the outcome. Its output is shown when it fails.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok $name"
    passed=$((passed + 1))
  else
    echo "not ok $name"
    printf '%s\n' "$output" | sed 's/^/#   /'
    failed=$((failed + 1))
  fi
}

# skip NAME REASON: this machine lacks what the check wants. Where every check is demanded (see boot.sh) it has failed.
skip() {
  if [ -e /result/demanded ]; then
    check "$1" missing "$2"
  else
    leave_out "$@"
  fi
}
missing() {
  echo "it is demanded, and can't be made: $1"
  return 1
}

# leave_out NAME REASON: a check that may be left out even then, for a reason that no package mends.
leave_out() {
  echo "ok $1 # skipped: $2"
  skipped=$((skipped + 1))
}

# equal WANTED FOUND
equal() {
  [ "$1" = "$2" ] || {
    echo "wanted '$1', found '$2'"
    return 1
  }
}

# matches PATTERN TEXT: an extended regular expression over the whole text.
matches() {
  grep -qE -- "$1" <<<"$2" || {
    echo "nothing matches /$1/ in: $2"
    return 1
  }
}

# eventually SECONDS COMMAND...: tries until it succeeds.
eventually() {
  local end=$((SECONDS + $1)) output
  shift
  until output=$("$@" 2>&1); do
    [ "$SECONDS" -lt "$end" ] || {
      echo "$output"
      echo "never came true: $*"
      return 1
    }
    sleep 0.1
  done
}

# never SECONDS COMMAND...: fails if the command succeeds once within that time.
never() {
  local end=$((SECONDS + $1))
  shift
  while [ "$SECONDS" -lt "$end" ]; do
    ! "$@" >/dev/null 2>&1 || {
      echo "came true: $*"
      return 1
    }
    sleep 0.1
  done
}

# ask_at SOCKET LINE...: sends the lines, prints the replies.
ask_at() {
  local at=$1
  shift
  printf '%s\n' "$@" | timeout 10 socat -t 8 - "UNIX-CONNECT:$at"
}
ask() { ask_at "$socket" "$@"; }

# ask_as USER LINE...
ask_as() {
  local user=$1
  shift
  printf '%s\n' "$@" |
    timeout 10 setpriv --reuid="$user" --regid="$user" --init-groups socat -t 8 - "UNIX-CONNECT:$socket"
}

answers() { equal 'OK "pong"' "$(ask PING)"; }
property() { systemctl show --property "$2" --value "$1"; }
active() { equal active "$(property "$1" ActiveState)"; }
failed_for_good() { equal failed "$(property "$1" ActiveState)"; }
main_pid() { property sessiond.service MainPID; }

# (--after-cursor would skip the first match where the entry at the cursor is no match itself.)
# journal UNIT OPTION...: what the unit and systemd said about it since the case began.
journal() {
  journalctl --sync
  journalctl --no-pager --unit "$1" --cursor "$cursor" "${@:2}"
}
journal_has() { matches "$1" "$(journal sessiond.service --output cat)"; }
# journal_of_process OPTION...: what the daemon itself said.
journal_of_process() {
  journalctl --sync
  journalctl --no-pager --cursor "$cursor" "$@" _SYSTEMD_UNIT=sessiond.service
}

# drop_in LINE...: settings for the service, until `fresh`.
drop_in() {
  mkdir -p /run/systemd/system/sessiond.service.d
  printf '%s\n' '[Service]' "$@" >/run/systemd/system/sessiond.service.d/case.conf
  systemctl daemon-reload
}

# The units as installed and stopped, an empty configuration, the socket listening, no session.
fresh() {
  systemctl stop sessiond.socket 'sessiond@*.socket' sessiond.service 'sessiond@*.service' 2>/dev/null
  rm -rf /run/systemd/system/sessiond.service.d /run/sessiond /run/sessiond-*
  rm -rf /var/lib/sessiond /var/lib/sessiond-* /etc/sessiond/store.password
  systemctl daemon-reload
  systemctl reset-failed
  mkdir -p /etc/sessiond
  cp /installed/sessiond.conf "$configuration"
  cursor=$(journalctl --sync; journalctl --lines 0 --show-cursor --quiet | sed -n 's/^-- cursor: //p')
  systemctl start sessiond.socket
}
