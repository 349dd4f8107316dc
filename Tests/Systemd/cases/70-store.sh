# The store behind the cache: a database in the state directory, without a line of configuration.

database=/var/lib/sessiond/sessions.db
systemctl start sessiond.service
check "the database is made" eventually 5 test -s "$database"
database_closed() { equal "600 sessiond" "$(stat -c '%a %U' "$database")"; }
check "it is the daemon's alone" database_closed
check "so is its directory" equal "700 sessiond" "$(stat -c '%a %U' /var/lib/sessiond)"
has_store() { matches '"store":\{"kind":"'"$1"'"' "$(ask STATS)"; }
check "the daemon tells of it" has_store sqlite

version=$(ask 'SET kept k "behind"' | sed -n 's/^OK //p')
# What a reboot leaves: the state directory, and nothing of /run.
reboots() {
  systemctl stop sessiond.socket sessiond.service && rm -rf /run/sessiond &&
    timeout 20 systemctl start sessiond.service
}
check "a start without a segment succeeds" reboots
check "and has the session" equal 'OK "behind"' "$(ask 'GET kept k')"
check "at its version" equal "ERR conflict current version $version" "$(ask 'SET kept k IF 0 2')"
check "and its time to live" matches '^OK 59[0-9]' "$(ask 'TTL kept')"

ask 'SET killed k "a second"' >/dev/null
sleep 3
systemctl kill --signal=KILL sessiond.service
rm -rf /run/sessiond
check "a crash with the loss of memory loses nothing that is older than the flush interval" \
  eventually 10 equal 'OK "a second"' "$(ask 'GET killed k')"

echo 'store=none' >"$configuration"
systemctl restart sessiond.service
no_store() { ! has_store '.*'; }
check "store=none does without" no_store

# A credential, and a server that is not there: reads of what is in memory go on, nothing else does.
fresh
(umask 0077 && echo 'web:secret' >/etc/sessiond/store.password)
drop_in LoadCredential=store:/etc/sessiond/store.password
echo 'store=unix:/run/no-such-server.sock' >"$configuration"
check "the daemon starts without its server" timeout 20 systemctl start sessiond.service
check "an outage is no log-out" matches '^ERR unavailable ' "$(ask 'GET s1')"
check "the status tells of it" eventually 10 matches 'store' "$(property sessiond.service StatusText)"
check "it is active all the same" active sessiond.service
nowhere_secret() { ! journal_has secret; }
check "the password is nowhere in the journal" nowhere_secret

echo 'store=redis://web:secret@localhost' >"$configuration"
systemctl stop sessiond.service
start_is_refused() { ! timeout 20 systemctl start sessiond.service; }
check "a password in the configuration is refused" start_is_refused
check "the exit status is 78" equal 78 "$(property sessiond.service ExecMainStatus)"
check "and is not repeated in the journal" nowhere_secret
