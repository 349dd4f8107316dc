#!/bin/sh
# install.sh [--remove]: puts programs, units, manual pages, completions and the example configuration under
# $DESTDIR, or takes exactly these files away again. A configuration that is there already is never touched.
set -eu
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}
programs=${PROGRAMS:-.build/release}
library=$root$prefix/lib
unit_directory=$library/systemd/system
share=$root$prefix/share
documents=$share/doc/sessiond
configuration=$root/etc/sessiond/sessiond.conf
pages="man1/sessionctl.1 man5/sessiond.conf.5 man7/sessiond-protocol.7 man8/sessiond.8"
units="sessiond.service sessiond.socket sessiond@.service sessiond@.socket"
examples="redis.conf.example sessiond-metrics.service.example sessiond-metrics.timer.example"

# completion SHELL PROGRAM: where the shell looks for the program's completions.
completion() {
  case $1 in
  bash) echo "$share/bash-completion/completions/$2" ;;
  zsh) echo "$share/zsh/site-functions/_$2" ;;
  fish) echo "$share/fish/vendor_completions.d/$2.fish" ;;
  esac
}

install_pages() {
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  scripts/man.sh "$made"
  for page in $pages; do
    install -D -m 0644 "$made/$page" "$share/man/$page"
  done
  for program in sessiond sessionctl; do
    for shell in bash zsh fish; do
      install -D -m 0644 "$made/completions/$program.$shell" "$(completion $shell $program)"
    done
  done
}

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
  install -d -m 0755 "$documents"
  for example in $examples; do
    sed "s|/usr/bin/sessionctl|$prefix/bin/sessionctl|" "systemd/$example" >"$documents/$example"
    chmod 0644 "$documents/$example"
  done
  install_pages
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
  for program in sessiond sessionctl; do
    rm -f "$root$prefix/bin/$program"
    for shell in bash zsh fish; do
      rm -f "$(completion $shell $program)"
    done
  done
  for unit in $units; do
    rm -f "$unit_directory/$unit"
  done
  rm -f "$library/sysusers.d/sessiond.conf" "$library/tmpfiles.d/sessiond.conf"
  for example in $examples; do
    rm -f "$documents/$example"
  done
  for page in $pages; do
    rm -f "$share/man/$page"
  done
  if cmp -s systemd/sessiond.conf "$configuration"; then
    rm -f "$configuration"
  elif [ -e "$configuration" ]; then
    echo "uninstall: kept $configuration, which was changed"
  fi
  for directory in "$root/etc/sessiond" "$unit_directory" "$library/systemd" \
    "$library/sysusers.d" "$library/tmpfiles.d" "$documents" "$share/doc" \
    "$share/man/man1" "$share/man/man5" "$share/man/man7" "$share/man/man8" "$share/man" \
    "$share/bash-completion/completions" "$share/bash-completion" "$share/zsh/site-functions" "$share/zsh" \
    "$share/fish/vendor_completions.d" "$share/fish" "$share"; do
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
