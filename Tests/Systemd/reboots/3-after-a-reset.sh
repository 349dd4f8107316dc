# After the reset. It ends with the machine being switched off.

check "the boot starts the service after a reset" active sessiond.service
check "every session is as it was, still" equal "" "$(same_sessions | grep '^<')"
written_through() {
  load=/result/load writers=
  : >"$load/errors"
  nothing_lost
}
check "what the store had acknowledged is there" written_through
check "and that was something" test "$(cat /result/load/*.made | wc -l)" -ge 20
database_sound() { equal ok "$(sqlite3 /var/lib/sessiond/sessions.db 'PRAGMA integrity_check')"; }
if command -v sqlite3 >/dev/null; then
  check "the database is sound" database_sound
else
  skip "the database is sound" "no sqlite3 here"
fi
hand_over
echo "$passed passed, $failed failed, $skipped skipped"
systemctl --no-block exit
