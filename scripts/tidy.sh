#!/bin/bash
# The house rules that no compiler knows. Says each finding on a line of its own.
set -euo pipefail
# The last command of a pipe runs in this shell, so that it can count.
shopt -s lastpipe
cd "$(dirname "$0")/.."

findings=0
# finding WHAT: reports the lines of standard input, if there are any.
finding() {
  local line
  while IFS= read -r line; do
    echo "tidy: $1: $line" >&2
    findings=1
  done
}

# Files of the package: known to git, or about to be.
files() {
  git ls-files --cached --others --exclude-standard -- "$@"
}

# hits PATTERN: where it stands in the files named on standard input, with file and line.
hits() {
  local status=0
  xargs -rd '\n' grep -HnIE -- "$1" || status=$?
  # 1 and 123: no line matched. Anything else is a failure of the search.
  [ "$status" -le 1 ] || [ "$status" -eq 123 ] || exit "$status"
}

# long LINES: which of the files named on standard input have more.
long() {
  xargs -rd '\n' awk -v most="$1" 'FNR == most + 1 { print FILENAME }'
}

import='^ *([a-z@]+ +)*import +([a-z]+ +)?'
# Written so that this file does not find itself.
marks='TO''DO|FIX''ME|XX''X'

git ls-files '.build*' '*Package.resolved' | finding "must not be tracked"
files | hits "\b($marks)\b" | finding "left over"
files '*.swift' '*.c' '*.h' '*.sh' Makefile | hits '[[:space:]]$' | finding "trailing space"
# What is longer is about more than one thing.
files 'Sources/*.swift' 'Tests/*.swift' | long 300 | finding "longer than 300 lines"
# The one place besides codes records as the store did that the benchmark compares with.
coding=Sources/sessionbench/Manager/RecordCoding.swift
files 'Sources/*.swift' ':!Sources/SessionClient/*' ":!$coding" |
  hits "${import}(Foundation|FoundationEssentials)\b" | finding "no Foundation here"
files 'Sources/SessionClient/*.swift' "$coding" |
  hits "${import}Foundation\b" | finding "FoundationEssentials is enough here"

exit "$findings"
