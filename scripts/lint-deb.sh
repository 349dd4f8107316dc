#!/bin/bash
# lint-deb.sh: lintian's word on the packages in build/. An error or a warning fails.
set -euo pipefail
cd "$(dirname "$0")/.."
# What lintian calls information is about the wording of Swift's own libraries, mostly.
lintian --allow-root --fail-on error,warning build/*.deb
echo "lint-deb: no errors, no warnings"
