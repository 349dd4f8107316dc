# A wrong configuration: one readable line, exit status 78, and no loop.

echo 'max-memory=lots' >"$configuration"
start_fails() { ! timeout 20 systemctl start sessiond.service; }
check "a wrong option fails the start" start_fails
check "the exit status is 78" equal 78 "$(property sessiond.service ExecMainStatus)"
check "nothing is tried again" equal 0 "$(property sessiond.service NRestarts)"
status_names_it() { matches 'max-memory' "$(systemctl status sessiond.service --no-pager --lines 20)"; }
check "status names the option" eventually 5 status_names_it
check "the journal names file and option" journal_has 'sessiond\.conf.*max-memory'

fresh
echo 'no-such-option=1' >"$configuration"
check "an unknown option fails the start" start_fails
check "its exit status is 78" equal 78 "$(property sessiond.service ExecMainStatus)"
check "the journal names the option" journal_has 'no-such-option'

fresh
drop_in ExecStart= "ExecStart=$(command -v sessiond) --max-memroy 1G"
check "a wrong flag in the unit fails the start" start_fails
check "its exit status is 78, too" equal 78 "$(property sessiond.service ExecMainStatus)"
check "nor is that tried again" equal 0 "$(property sessiond.service NRestarts)"
status_names_flag() {
  matches "command line: .*--max-memroy" "$(systemctl status sessiond.service --no-pager --lines 20)"
}
check "status names the flag" eventually 5 status_names_flag

# One client that waits would start the service for ever, without a pause. Where starts come slower
# than the socket's limit of 20 in 2 s, that is pause enough.
fresh
echo 'max-memory=lots' >"$configuration"
waits_for_nothing() {
  local starts begun=$SECONDS
  timeout 12 socat -u "UNIX-CONNECT:$socket" /dev/null 2>/dev/null
  starts=$(journalctl --no-pager --cursor "$cursor" --output cat UNIT=sessiond.service | grep -c '^Starting ')
  echo "$starts starts in $((SECONDS - begun)) s"
  if failed_for_good sessiond.socket; then
    [ "$starts" -ge 1 ] && [ "$starts" -le 21 ]
  else
    [ "$starts" -le $((10 * (SECONDS - begun + 1))) ]
  fi
}
check "a waiting client makes no endless loop" waits_for_nothing
: >"$configuration"
check "with the configuration mended it starts again" timeout 20 systemctl start sessiond.service
check "and answers" answers
