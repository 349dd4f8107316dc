#!/bin/sh
# pictures.sh [DIRECTORY]: draws pictures/*.svg from the tables beside them, or into another directory.
# The pictures bring their own background, a light one and a dark one, so they can be read on any page.
set -eu
cd "$(dirname "$0")/.."
directory=${1:-pictures}

for name in architecture figures; do
  LC_ALL=C awk -F '\t' -f scripts/pictures/svg.awk -f "scripts/pictures/$name.awk" "pictures/$name.tsv" \
    >"$directory/$name.svg"
done
