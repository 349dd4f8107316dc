#!/bin/bash
# deb.sh [--version VERSION] [--output DIRECTORY] [--programs DIRECTORY]: makes sessiond_VERSION_ARCHITECTURE.deb, by
# default in build/, of the programs in .build/release and with the version that they say they have. Needs make build, and
# dpkg-dev; no rights. Whatever is not a program is of this tree; HELP_OF is told of in man.sh.
# DEBFULLNAME and DEBEMAIL name the maintainer (without them an address that is nobody's, RFC 2606); SOURCE_DATE_EPOCH is
# the moment that the files in it get (else it is the last commit's), so that the same sources make the same package.
set -euo pipefail
cd "$(dirname "$0")/.."

version=
output=build
programs=${PROGRAMS:-.build/release}
while [ $# -gt 0 ]; do
  case $1 in
  --version) version=$2 && shift 2 ;;
  --output) output=$2 && shift 2 ;;
  --programs) programs=$2 && shift 2 ;;
  *)
    echo "usage: deb.sh [--version VERSION] [--output DIRECTORY] [--programs DIRECTORY]" >&2
    exit 64
    ;;
  esac
done

export PROGRAMS=$programs
[ -x "$programs/sessiond" ] && [ -x "$programs/sessionctl" ] || {
  echo "deb: no programs in $programs; run make build first" >&2
  exit 1
}
said=$("$programs/sessiond" --version)
[ "$("$programs/sessionctl" --version)" = "$said" ] || {
  echo "deb: sessiond and sessionctl are of different versions; run make build" >&2
  exit 1
}
version=${version:-$said}
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-sessiond maintainers} <${DEBEMAIL:-maintainers@sessiond.invalid}>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 0022
tree=$work/tree
share=$tree/usr/share
documents=$share/doc/sessiond

# What `make install` installs, where Debian wants it.
DESTDIR=$tree PREFIX=/usr scripts/install.sh
mkdir -p "$share/zsh/vendor-completions"
mv "$share"/zsh/site-functions/* "$share/zsh/vendor-completions/"
rmdir "$share/zsh/site-functions"
strip --remove-section=.comment --remove-section=.note "$tree"/usr/bin/*
find "$share/man" -type f -exec gzip -9n {} +

install -m 0644 packaging/debian/copyright "$documents/copyright"
# With what they lead to; what has another name in a package is led to by that.
install -D -m 0644 -t "$documents/pictures" pictures/*.svg
for document in README.md Protocol.md ARCHITECTURE.md; do
  sed 's|(LICENSE)|(copyright)|; s|(CHANGELOG\.md)|(CHANGES.md.gz)|g' "$document" >"$documents/$document"
  chmod 0644 "$documents/$document"
done
{
  echo "sessiond ($version) unstable; urgency=medium"
  printf '\n  * What changed is told in CHANGES.md.gz.\n\n'
  echo " -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$documents/changelog.gz"
gzip -9n <CHANGELOG.md >"$documents/CHANGES.md.gz"
chmod 0644 "$documents"/*.gz
if [ -e packaging/debian/lintian-overrides ]; then
  install -D -m 0644 packaging/debian/lintian-overrides "$share/lintian/overrides/sessiond"
fi

# dpkg-shlibdeps reads the libraries' packages out of the programs, and wants a source package around it.
mkdir -p "$work/debian" "$tree/DEBIAN"
echo "Source: sessiond" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O tree/usr/bin/* 2>"$work/remarks" | sed -n 's/^shlibs:Depends=//p') || {
  cat "$work/remarks" >&2
  exit 1
}
[ -n "$depends" ] || { echo "deb: dpkg-shlibdeps names no library" >&2; exit 1; }

# A name may have what sed takes for its own.
escaped() { printf '%s\n' "$1" | sed 's/[\/&]/\\&/g'; }
size=$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f 1)
sed -e "s/@VERSION@/$(escaped "$version")/; s/@ARCHITECTURE@/$(escaped "$architecture")/" \
  -e "s/@SIZE@/$size/; s/@DEPENDS@/$(escaped "$depends")/; s/@MAINTAINER@/$(escaped "$maintainer")/" \
  packaging/debian/control.in >"$tree/DEBIAN/control"
echo /etc/sessiond/sessiond.conf >"$tree/DEBIAN/conffiles"
install -m 0755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$tree/DEBIAN/"
(cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
chmod 0644 "$tree"/DEBIAN/{control,conffiles,md5sums}

# One package lies there, so that build/sessiond_*.deb names it.
mkdir -p "$output"
rm -f "$output"/sessiond_*.deb
package=$output/sessiond_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null
echo "$package"
