# A journal that takes nothing: the daemon goes on without it.

systemctl start sessiond.service
pid=$(main_pid)
journal_pid=$(property systemd-journald.service MainPID)
echo 'ttl=banana' >"$configuration"
# Each attempt to reload is a line, and there are more than the journal's socket holds.
lines_beyond_count() {
  kill -STOP "$journal_pid" || return 1
  for _ in $(seq 1500); do
    kill -HUP "$pid" || return 1
    sleep 0.002
  done
}
check "1,500 bad reloads while the journal is stopped" lines_beyond_count
check "the daemon answers" answers
check "it is the same" equal "$pid" "$(main_pid)"
kill -CONT "$journal_pid"
check "it answers when the journal is back" answers
echo 'ttl=1h' >"$configuration"
systemctl reload sessiond.service
check "and is heard again" eventually 20 journal_has 'the configuration was reloaded'
