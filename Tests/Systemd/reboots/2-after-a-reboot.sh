# After systemctl reboot. It ends with a reset under load: every process dies at once, and /run with it.

check "the boot starts the service again" active sessiond.service
check "the memory is new" journal_has 'the segment /run/sessiond/segment is new'
check "the last change before the reboot is there" equal 'OK "the last word"' "$(ask 'GET last k')"
ask 'DEL last' >/dev/null
check "every session is as it was: id, version, times, tags, values" same_sessions
check "a tag finds its sessions" equal 285 "$(ask 'TAGGED user:0 LIMIT 1000' | grep -o '"s[0-9]*"' | wc -l)"
check "what was revoked stays closed" matches '^ERR revoked' "$(ask 'SET gone k 2')"

mkdir -p /etc/sessiond
echo 'durability=through' >"$configuration"
systemctl restart sessiond.service
begin_load
check "clients write through to the disk" writing
check "and go on" more_made 20
# Their notes must not know more than what was acknowledged, and may know less.
mkdir -p /result/load
for name in $writers; do
  cp "$load/$name.made" "/result/load/"
done
hand_over
systemctl reboot --force --force
