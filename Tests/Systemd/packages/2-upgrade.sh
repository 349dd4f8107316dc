# From an older version to a newer one, while clients write without a pause. Without OLDER (see boot.sh) both have the same
# program, so this is about the package. With it this is also about what a new program takes over from an old one, which
# "Upgrade" in README.md promises.

echo '# changed by the administrator' >>"$configuration"
echo 'ttl=100s' >>"$configuration"
systemctl reload sessiond.service
: >/etc/sessiond/shop.conf
systemctl start sessiond@shop.service
shop_pid=$(property sessiond@shop.service MainPID)
ask_at /run/sessiond-shop.sock 'SET s1 k "shop"' >/dev/null
ask 'SET before k "kept"' 'TAG before user:1' >/dev/null
conflict=$(ask 'SET before k IF 0 2')
old_pid=$(main_pid)
socket_entered=$(property sessiond.socket ActiveEnterTimestampMonotonic)

begin_load
check "clients write" writing
check "the upgrade succeeds" package_dpkg --install "$new"
check "and clients go on writing" more_made 20
end_load
check "dpkg knows the newer version" equal "installed $(version_of "$new")" "$(installed_version)"
other_daemon() { [ "$(main_pid)" -gt 1 ] && [ "$(main_pid)" != "$old_pid" ]; }
check "another daemon runs" other_daemon
new_program() { equal /usr/bin/sessiond "$(readlink "/proc/$1/exe")"; }
check "it is the program that was installed" new_program "$(main_pid)"
check "it was restarted once" equal 0 "$(property sessiond.service NRestarts)"
check "the socket was never away" equal "$socket_entered" "$(property sessiond.socket ActiveEnterTimestampMonotonic)"
judge_load upgrade
check "each client connected once more, at most" connected_most 2
check "what was there before is there" equal 'OK "kept"' "$(ask 'GET before k')"
check "at its version" equal "$conflict" "$(ask 'SET before k IF 0 2')"
check "with its tag" equal 'OK ["before"]' "$(ask 'TAGGED user:1')"
check "the changed configuration stays" grep -qx 'ttl=100s' "$configuration"
other_shop() { [ "$(property sessiond@shop.service MainPID)" != "$shop_pid" ] && active sessiond@shop.service; }
check "another cache of the machine was upgraded, too" other_shop
check "with its session" equal 'OK "shop"' "$(ask_at /run/sessiond-shop.sock 'GET s1 k')"

# The same again, and back to the older version.
check "the same version can be installed again" package_dpkg --install "$new"
check "which loses nothing" equal 'OK "kept"' "$(ask 'GET before k')"
program_of() { dpkg-deb --info "$1" md5sums | grep ' usr/bin/sessiond$'; }
if [ "$(program_of "$old")" = "$(program_of "$new")" ]; then
  check "so can the older one" package_dpkg --force-downgrade --install "$old"
  check "which loses nothing, either" equal 'OK "kept"' "$(ask 'GET before k')"
else
  # It may refuse a newer one's database, see there.
  leave_out "so can the older one" "nobody promises that for an older program"
fi

# What the administrator has switched off stays so.
systemctl disable --quiet sessiond.service sessiond.socket
systemctl stop sessiond.socket sessiond.service
check "an upgrade of a disabled service succeeds" package_dpkg --install "$new"
check "and does not start it" equal inactive "$(property sessiond.service ActiveState)"
disabled() { equal disabled "$(systemctl is-enabled sessiond.service)"; }
check "nor does it switch it on" disabled
systemctl enable --quiet sessiond.service sessiond.socket
systemctl start sessiond.service
