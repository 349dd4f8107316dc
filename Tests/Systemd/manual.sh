#!/bin/bash
# Whether the manual pages tell of every option, command and setting that the programs' own help has, each where it
# belongs, and whether shells can read the completions: those that are here, and with SESSIOND_DEMAND_SYSTEMD=1 all of
# them. Needs `make build`, no rights.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=${PROGRAMS:-.build/release}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/man.sh "$work"

failures=0 told=0
# tells WHAT PATTERN TEXT: one of the text's lines matches, an extended regular expression.
tells() {
  told=$((told + 1))
  grep -qE -- "$2" <<<"$3" || {
    echo "manual test: nothing tells of $1" >&2
    failures=$((failures + 1))
  }
}

# options PROGRAM [COMMAND]: those that the help lists.
options() {
  "$@" --help | sed -n '/^OPTIONS:/,/^SUBCOMMANDS:/p' | sed -nE 's/^  (-.*)/\1/p' | sed 's/   .*//' |
    grep -oE -- '--[a-z][a-z-]*' | sort -u
}

# section PAGE HEADING: its lines as people see them.
section() {
  awk -v heading="$2" '/^\.S[HS] / { is_shown = $0 == heading } is_shown' "$1" | sed 's/\\-/-/g; s/\\f[BIR]//g'
}

page=$work/man8/sessiond.8
text=$(section "$page" '.SH OPTIONS')
settings=$(sed 's/\\-/-/g; s/\\f[BIR]//g' "$work/man5/sessiond.conf.5")
for option in $(options "$programs/sessiond"); do
  tells "$option in sessiond(8)" "^(-[a-z], )?$option( |\$)" "$text"
  case $option in
  --config | --check-config | --help | --version) ;;
  *) tells "${option#--} in sessiond.conf(5)" "^${option#--}=" "$settings" ;;
  esac
done

page=$work/man1/sessionctl.1
common=$(section "$page" '.SH OPTIONS')
commands=$("$programs/sessionctl" --help | sed -n '/^SUBCOMMANDS:/,$p' | sed -nE 's/^  ([a-z][a-z-]*).*/\1/p')
for command in $commands; do
  text=$(section "$page" ".SS $command")
  tells "the command $command in sessionctl(1)" "^sessionctl $command( |\$)" "$text"
  for option in $(options "$programs/sessionctl" "$command"); do
    tells "$option of $command in sessionctl(1)" "^(-[a-z], )?$option( |\$)" "$text
$common"
  done
done

for shell in bash zsh fish; do
  command -v "$shell" >/dev/null || {
    echo "manual test: no $shell here to read its completions" >&2
    [ "${SESSIOND_DEMAND_SYSTEMD:-}" != 1 ] || failures=$((failures + 1))
    continue
  }
  for program in sessiond sessionctl; do
    "$shell" -n "$work/completions/$program.$shell" || {
      echo "manual test: $shell can't read the completions of $program" >&2
      failures=$((failures + 1))
    }
  done
done

[ "$told" -ge 200 ] || {
  echo "manual test: the help lists $told things only; is it read rightly?" >&2
  exit 1
}
[ "$failures" -eq 0 ] || exit 1
echo "manual test passed: $told options, commands and settings are told of"
