#!/bin/bash
# Every test, in three rings and three ordeals: each ring rests on the one before. SESSIOND_LONG_TESTS=1 for the
# long forms, SESSIOND_DEMAND_PROMTOOL=1 to fail where promtool can't be had instead of leaving its test out.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
strict=(--explicit-target-dependency-import-check error)
# On a crash under a sanitizer the backtracer can hang for minutes.
export SWIFT_BACKTRACE=enable=no
# A test at a time for each processor. All at once, which is the default, a test that waits for another thread waits
# behind hundreds that begin: 209 tests of the client took 67 seconds and 21 gave up, and 20 seconds by two.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-$(nproc)}

# The suites about a store behind the cache; they load the machine too much to run beside the others.
stores='SystemTests\.(Store|SharedStore|RedisFault|LossyFileSystem)'
# Those of the client are run by themselves, too: its tasks go by real time, and wait for a thread as long as tests that
# take minutes of it have them all.
clients='SystemTests\.(Conformance|Client|Update)'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

heading() {
  printf '\n== %s ==\n' "$*"
}

# Tests that failed once and passed by themselves.
unsteady=

# failed_tests FILE: the filters, a line each, of the tests that a report in the form of JUnit says failed.
failed_tests() {
  awk '
    /<testcase / {
      match($0, /classname="[^"]*"/); suite = substr($0, RSTART + 11, RLENGTH - 12)
      match($0, / name="[^"]*"/); name = substr($0, RSTART + 7, RLENGTH - 8)
    }
    /<failure/ && name != "" { print suite "/" name; name = "" }' "$1" |
    sed 's/[][()*+?{}|^$\\]/\\&/g; s/[.]/[.\/]/g'
}

# steady FILTER...: whether each of a few tests that failed passes three times in a row by itself. Among hundreds
# a test of real threads and processes can be left without a processor for seconds; but it may also have met a rare
# race, so that it is named at the end of the run.
steady() {
  local filter round
  [ $# -ge 1 ] && [ $# -le 3 ] || return 1
  for filter; do
    for round in 1 2 3; do
      printf '\nAgain by itself, %s of 3: %s\n' "$round" "$filter"
      "$swift" test --skip-build --filter "^$filter(/|\$)" 2>&1 | tee "$scratch/again" || return 1
      # A filter that meets nothing shows nothing.
      grep -q 'Test run with 1 test ' "$scratch/again" || return 1
    done
  done
  unsteady+=$(printf '\n  %s' "$@")
}

# run_tests ARGUMENT...: what failed is told again at the end, where people look first.
run_tests() {
  local status=0 failed
  rm -f "$scratch"/*
  "$swift" test --skip-build --xunit-output "$scratch/report.xml" "$@" 2>&1 | tee "$scratch/log" || status=$?
  [ "$status" -ne 0 ] || return 0
  printf '\nWhat failed:\n'
  grep -E '^✘|error:|Fatal error|unexpected signal' "$scratch/log" | head -n 60 || true
  # Without a report the tests did not come to their end.
  [ -f "$scratch/report-swift-testing.xml" ] || return "$status"
  mapfile -t failed < <(failed_tests "$scratch/report-swift-testing.xml")
  steady "${failed[@]}" || return "$status"
}

heading "What the tests of stores want"
# Redis's server program is a part of redis-tools; the package redis-server would start a service.
scripts/setup.sh redis-tools sqlite3 strace libfuse3-dev ||
  echo "test: not all of it can be had; the tests that need it say so" >&2

heading "What the tests of metrics want"
if PROMTOOL=$(scripts/promtool.sh); then
  export PROMTOOL
else
  unset PROMTOOL
  [ "${SESSIOND_DEMAND_PROMTOOL:-}" != 1 ] || {
    echo "test: promtool can't be had" >&2
    exit 1
  }
  echo "test: promtool can't be had; the test that needs it says so" >&2
fi

heading "Build (debug)"
"$swift" build --build-tests "${strict[@]}"

heading "Rings 1 and 2: units, and system calls with injected errors"
run_tests --skip SystemTests --skip SessionClientTests

heading "Rings 1 and 2: units of the client"
run_tests --filter SessionClientTests

heading "Ring 3: the real programs over real sockets"
run_tests --filter SystemTests --skip "$clients" --skip "$stores"

heading "Ring 3: kills, cuts and faults of what sessions are stored in"
run_tests --filter "$stores"

heading "Ring 3: the daemon and its client"
run_tests --filter "$clients"

long=${SESSIOND_LONG_TESTS:-}
# Of the cache alone, without a daemon: many more kills than a daemon could be started for.
heading "Kills amid changes, and audits of what is taken over"
.build/debug/CacheCrash "$([ "$long" = 1 ] && echo 1000 || echo 100)"

heading "Damaged segments, under the address sanitizer"
"$swift" build --sanitize=address --scratch-path .build-asan --product SegmentDamage "${strict[@]}"
.build-asan/debug/SegmentDamage "$([ "$long" = 1 ] && echo 1000 || echo 100)"

heading "Cache stress under the thread sanitizer"
"$swift" build --sanitize=thread --scratch-path .build-tsan --product CacheStress "${strict[@]}"
TSAN_OPTIONS="halt_on_error=1 exitcode=66" .build-tsan/debug/CacheStress

printf '\nAll tests passed.\n'
[ -z "$unsteady" ] || printf 'Only when run again by themselves:%s\n' "$unsteady"
