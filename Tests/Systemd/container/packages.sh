#!/bin/bash
# Runs every file of packages/ in a machine without sessiond, one after the other: each begins where the one before
# ended.
set -uo pipefail
. /scenario/container/library.sh
. /scenario/container/load.sh

touch /result/booted
# Programs come and go here; nothing else of this machine can be written to.
mount -o remount,bind,rw /usr
# What is installed is what the machine has that made the packages.
mkdir -p /var/lib/dpkg/updates /var/lib/dpkg/triggers /var/lib/dpkg/info /var/log /var/cache
cp /dpkg/status /var/lib/dpkg/status
cp /dpkg/info/*.list /var/lib/dpkg/info/
# What man(1) wants of /etc, which is empty here.
mkdir -p /etc/groff
: >/etc/groff/man.local

# Debian's policy: what is installed is switched on. (The container's own presets switch everything off.)
mkdir -p /etc/systemd/system-preset
echo "enable *" >/etc/systemd/system-preset/00-scenario.preset

old=$(echo /packages/old/*.deb)
new=$(echo /packages/new/*.deb)
package_dpkg() { DEBIAN_FRONTEND=noninteractive timeout 60 dpkg --force-confold "$@" 2>&1; }
installed_version() { dpkg-query -W -f '${db:Status-Status} ${Version}' sessiond 2>/dev/null; }
version_of() { dpkg-deb --field "$1" Version; }
cursor=$(journalctl --sync; journalctl --lines 0 --show-cursor --quiet | sed -n 's/^-- cursor: //p')

for case_file in /scenario/packages/*.sh; do
  echo "# package: $(basename "$case_file" .sh)"
  . "$case_file"
done
[ "$failed" -eq 0 ] || journalctl --no-pager --output short-monotonic >/result/journal
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
