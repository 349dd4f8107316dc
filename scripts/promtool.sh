#!/bin/sh
# Prints the path of promtool, which the tests of metrics want: the installed one, else one from Debian's
# package prometheus, unpacked into .build/promtool and not installed, since installing would start a server. Where apt
# knows of no such package, or of an old one, its lists are fetched first, by sudo when not root.
set -eu
cd "$(dirname "$0")/.."

installed=$(command -v promtool || true)
unpacked=$PWD/.build/promtool/usr/bin/promtool

if [ -n "$installed" ]; then
  echo "$installed"
  exit 0
fi
if [ ! -x "$unpacked" ]; then
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    echo "promtool: no apt here to get it with" >&2
    exit 1
  }
  directory=$(mktemp -d)
  trap 'rm -rf "$directory"' EXIT
  download() { (cd "$directory" && apt-get download -q prometheus >&2); }
  if ! download; then
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root apt-get update -q >&2
    download
  fi
  dpkg-deb -x "$directory"/prometheus_*.deb "$directory/package"
  mkdir -p "$(dirname "$unpacked")"
  mv "$directory/package/usr/bin/promtool" "$unpacked"
fi
echo "$unpacked"
