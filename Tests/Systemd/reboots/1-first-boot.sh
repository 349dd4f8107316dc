# The machine's first boot, and its orderly end.

check "the boot starts the service" active sessiond.service
fill() {
  local number
  for number in $(seq 2000); do
    echo "SET s$number k \"$number\""
    echo "SET s$number visits $number"
    echo "TAG s$number user:$((number % 7))"
  done | timeout 60 socat -t 20 - "UNIX-CONNECT:$socket" | grep -vc '^OK '
}
check "2,000 sessions are made" equal 0 "$(fill)"
ask 'EXPIRE s1 7200' 'SET gone k 1' 'REVOKE gone' >/dev/null
all_sessions >/result/sessions
check "and known" equal 2000 "$(wc -l </result/sessions)"
# Before the store can have it, but for the stop.
ask 'SET last k "the last word"' >/dev/null
hand_over
systemctl --no-block reboot
