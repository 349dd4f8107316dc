#!/bin/bash
# Every test, in three rings and a stress: each ring rests on the one before.
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
"$swift" test --skip-build --filter SystemTests

heading "Cache stress under the thread sanitizer"
"$swift" build --sanitize=thread --scratch-path .build-tsan --product CacheStress "${strict[@]}"
TSAN_OPTIONS="halt_on_error=1 exitcode=66" .build-tsan/debug/CacheStress

printf '\nAll tests passed.\n'
