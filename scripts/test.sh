#!/bin/bash
# Every test, in three rings and three ordeals: each ring rests on the one before. SESSIOND_LONG_TESTS=1 for the
# long forms.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
strict=(--explicit-target-dependency-import-check error)
# On a crash under a sanitizer the backtracer can hang for minutes.
export SWIFT_BACKTRACE=enable=no

heading() {
  printf '\n== %s ==\n' "$*"
}

heading "Build (debug)"
"$swift" build --build-tests "${strict[@]}"

heading "Rings 1 and 2: units, and system calls with injected errors"
"$swift" test --skip-build --skip SystemTests

heading "Ring 3: the real programs over real sockets"
"$swift" test --skip-build --filter SystemTests --skip SystemTests.ConformanceTests

# By themselves: they go by real time, which stands still for a task while hundreds of other tests are at work.
heading "Ring 3: the daemon and its client do what sessions of one process do"
"$swift" test --skip-build --filter SystemTests.ConformanceTests

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
