# Removal keeps sessions and settings, a purge keeps nothing.

check "the package is removed" package_dpkg --remove sessiond
check "the service is stopped" equal inactive "$(property sessiond.service ActiveState)"
check "the socket is gone" test ! -e "$socket"
check "so is the other cache" test ! -e /run/sessiond-shop.sock
no_process() {
  local file name
  for file in /proc/[0-9]*/comm; do
    # A process may be gone before it is read.
    { read -r name <"$file"; } 2>/dev/null || continue
    [ "$name" != sessiond ] || {
      echo "${file%/comm} is one"
      return 1
    }
  done
}
check "no daemon is left" no_process
check "nor a program" test ! -e /usr/bin/sessiond
check "the database stays" test -s /var/lib/sessiond/sessions.db
check "the settings stay" grep -qx 'ttl=100s' "$configuration"

check "it is installed again" package_dpkg --install "$new"
check "it serves at once" answers
check "with the sessions" equal 'OK "kept"' "$(ask 'GET before k')"
check "and with the settings" grep -qx 'ttl=100s' "$configuration"

check "another cache is switched on" systemctl enable --quiet sessiond@shop.service

check "the package is purged" package_dpkg --purge sessiond
check "no daemon is left then" no_process
no_file() {
  local file
  while read -r file; do
    [ -d "$file" ] || [ ! -e "$file" ] || echo "$file"
  done </tmp/files
}
check "no file of the package is left" equal "" "$(no_file)"
# Of systemd's own notes in /run/systemd the package knows nothing.
left() {
  find /etc /run /var -xdev -name '*sessiond*' ! -path '/run/systemd/*' ! -path /etc/sessiond 2>/dev/null
}
check "nothing that it made is left" equal "" "$(left)"
check "but an administrator's" equal /etc/sessiond/shop.conf "$(find /etc/sessiond -type f)"
check "the user stays, so that nobody else gets the number" getent passwd sessiond
check "dpkg has forgotten it" equal "" "$(installed_version)"
for unit in sessiond.service sessiond.socket; do
  check "systemd has forgotten $unit" equal not-found "$(property "$unit" LoadState)"
done
rm -r /etc/sessiond
check "a new installation is a first one" package_dpkg --install "$new"
check "it serves" answers
check "without sessions" equal NIL "$(ask 'GET before k')"
check "it is purged as well" package_dpkg --purge sessiond
check "then nothing is left" test ! -e /etc/sessiond
