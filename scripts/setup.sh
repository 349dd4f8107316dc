#!/bin/sh
# Brings the machine to where the package builds: checks Swift, and installs through apt what is
# missing. Packages named as arguments are wanted too. Silent when there is nothing to do.
set -eu

swift=${SWIFT:-swift}
swift_wanted=6.2

fail() {
  echo "setup: $*" >&2
  exit 1
}

check_swift() {
  command -v "$swift" >/dev/null 2>&1 ||
    fail "no '$swift' in PATH. Install Swift $swift_wanted or newer: https://www.swift.org/install/linux/"
  found=$("$swift" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [ -n "$found" ] || fail "'$swift --version' does not tell its version"
  oldest=$(printf '%s\n%s\n' "$swift_wanted" "$found" | sort -V | head -n 1)
  [ "$oldest" = "$swift_wanted" ] ||
    fail "Swift $found is too old; install $swift_wanted or newer: https://www.swift.org/install/linux/"
}

# Which of the packages are not installed, one a line.
missing() {
  for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "run as root, or install sudo: $*"
  fi
}

# Without apt the packages can't be named; look for what they bring instead.
check_without_apt() {
  [ -e /usr/include/systemd/sd-daemon.h ] || fail "install the development files of libsystemd"
  [ -e /usr/include/sqlite3.h ] || fail "install the development files of SQLite 3"
  [ -e /usr/include/hiredis/hiredis.h ] || fail "install the development files of hiredis"
  command -v socat >/dev/null 2>&1 || fail "install socat"
}

check_swift
if ! command -v apt-get >/dev/null 2>&1; then
  check_without_apt
  [ $# -eq 0 ] || echo "setup: there is no apt-get here; install what is missing of what Debian calls $*" >&2
  exit 0
fi

packages=$(missing libsystemd-dev libsqlite3-dev libhiredis-dev pkg-config socat "$@")
[ -n "$packages" ] || exit 0
packages=$(echo $packages)
echo "setup: installing $packages"
as_root apt-get update -q
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages
