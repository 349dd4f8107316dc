#!/bin/sh
# man.sh DIRECTORY: makes the manual pages and the completions of shells under DIRECTORY, from the release
# programs' own help and from Protocol.md:
#   man8/sessiond.8 man1/sessionctl.1 man5/sessiond.conf.5 man7/sessiond-protocol.7
#   completions/{sessiond,sessionctl}.{bash,zsh,fish}
# HELP_OF=DIRECTORY names the programs whose help it is, where an older build's lacks what the pages have room for.
# What no help says stands in packaging/man. The date of the pages is $SOURCE_DATE_EPOCH, or that of the last commit.
set -eu
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "usage: man.sh DIRECTORY" >&2; exit 64; }
pages=$1
programs=${HELP_OF:-${PROGRAMS:-.build/release}}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# JSON with a token pair a line, as json.awk wants it.
"$programs/sessiond" --experimental-dump-help >"$work/sessiond.json"
"$programs/sessionctl" --experimental-dump-help >"$work/sessionctl.json"
version=$("$programs/sessiond" --version)
seconds=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
date=$(LC_ALL=C date -u -d "@$seconds" +%Y-%m-%d)

# help PROGRAM PART
help() {
  LC_ALL=C awk -v PART="$2" -f scripts/man/json.awk -f scripts/man/roff.awk -f scripts/man/help.awk "$work/$1.json"
}
protocol() { LC_ALL=C awk -f scripts/man/roff.awk -f scripts/man/markdown.awk Protocol.md; }

# page PROGRAM SOURCE TARGET: the source with each line that is @PART@ replaced by that part of the program's help.
page() {
  mkdir -p "$(dirname "$3")"
  echo '.\" Made from the help of the programs and Protocol.md; see scripts/man.sh.' >"$work/page"
  sed "s/@DATE@/$date/; s/@VERSION@/$version/" "$2" | while IFS= read -r line; do
    case $line in
    *'@ABSTRACT@'*) printf '%s%s%s\n' "${line%%@*}" "$(help "$1" abstract)" "${line##*@}" ;;
    '@PROTOCOL@') protocol ;;
    @*@) help "$1" "$(printf '%s' "$line" | tr -d @ | tr '[:upper:]' '[:lower:]')" ;;
    *) printf '%s\n' "$line" ;;
    esac
  done >>"$work/page"
  # The loop above is a pipe's, whose failures are not seen: a part that is missing is an empty section.
  if awk '/^\.SH/ && before ~ /^\.SH/ { exit 1 } { before = $0 }' "$work/page"; then :; else
    echo "man: $3 has an empty section" >&2
    exit 1
  fi
  install -m 0644 "$work/page" "$3"
}

page sessiond packaging/man/sessiond.8.in "$pages/man8/sessiond.8"
page sessiond packaging/man/sessiond.conf.5.in "$pages/man5/sessiond.conf.5"
page sessiond packaging/man/sessiond-protocol.7.in "$pages/man7/sessiond-protocol.7"
page sessionctl packaging/man/sessionctl.1.in "$pages/man1/sessionctl.1"

mkdir -p "$pages/completions"
for program in sessiond sessionctl; do
  for shell in bash zsh fish; do
    # They are read by shells, not run.
    "$programs/$program" --generate-completion-script "$shell" | sed '1{/^#!/d}' >"$pages/completions/$program.$shell"
  done
done
