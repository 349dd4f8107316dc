#!/bin/sh
# install.sh [--remove]: puts programs, units and the example configuration under $DESTDIR, or takes
# exactly these files away again. A configuration that is there already is never touched.
set -eu
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}
programs=.build/release
library=$root$prefix/lib
unit_directory=$library/systemd/system
configuration=$root/etc/sessiond/sessiond.conf
units="sessiond.service sessiond.socket sessiond@.service sessiond@.socket"

install_all() {
  for program in sessiond sessionctl; do
    [ -x "$programs/$program" ] || {
      echo "install: no $programs/$program; run make build first" >&2
      exit 1
    }
    # Stripped of symbols: half the size.
    install -D -m 0755 -s "$programs/$program" "$root$prefix/bin/$program"
  done
  for unit in $units; do
    install -d -m 0755 "$unit_directory"
    sed "s|^ExecStart=/usr/bin/|ExecStart=$prefix/bin/|" "systemd/$unit" >"$unit_directory/$unit"
    chmod 0644 "$unit_directory/$unit"
  done
  install -D -m 0644 systemd/sessiond.sysusers "$library/sysusers.d/sessiond.conf"
  install -D -m 0644 systemd/sessiond.tmpfiles "$library/tmpfiles.d/sessiond.conf"
  if [ -e "$configuration" ]; then
    echo "install: kept $configuration"
  else
    install -D -m 0644 systemd/sessiond.conf "$configuration"
  fi
}

say_next() {
  [ -z "$root" ] || return 0
  case $prefix in
  /usr | /usr/local) ;;
  *) echo "install: systemd does not look for units under $prefix/lib; link them with systemctl link" ;;
  esac
  cat <<'END'
Next, as root:
  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload
  systemctl enable --now sessiond.service
Users who may connect go into a group: usermod -a -G sessiond-clients USER
END
}

remove_all() {
  rm -f "$root$prefix/bin/sessiond" "$root$prefix/bin/sessionctl"
  for unit in $units; do
    rm -f "$unit_directory/$unit"
  done
  rm -f "$library/sysusers.d/sessiond.conf" "$library/tmpfiles.d/sessiond.conf"
  if cmp -s systemd/sessiond.conf "$configuration"; then
    rm -f "$configuration"
  elif [ -e "$configuration" ]; then
    echo "uninstall: kept $configuration, which was changed"
  fi
  for directory in "$root/etc/sessiond" "$unit_directory" "$library/systemd" \
    "$library/sysusers.d" "$library/tmpfiles.d"; do
    [ ! -d "$directory" ] || rmdir --ignore-fail-on-non-empty "$directory"
  done
}

case ${1:-} in
'')
  install_all
  say_next
  ;;
--remove) remove_all ;;
*)
  echo "usage: install.sh [--remove]" >&2
  exit 64
  ;;
esac
