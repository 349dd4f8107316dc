#!/bin/sh
# pictures.sh [DIRECTORY]: draws pictures/*.svg from their tables, or into another directory.
# The pictures bring their own background, a light one and a dark one, so they can be read on any page.
set -eu
cd "$(dirname "$0")/.."
directory=${1:-pictures}

# draw NAME TABLE DRAWING
draw() {
  LC_ALL=C awk -F '\t' -f scripts/pictures/svg.awk -f "scripts/pictures/$3.awk" "$2" >"$directory/$1.svg"
}

draw architecture pictures/architecture.tsv architecture
draw figures pictures/figures.tsv figures
# Those that benchmarks make with WRITE=1: bench-scale, and bench, whose table has the form of the figures.
[ ! -e Benchmarks/scale.tsv ] || draw scale Benchmarks/scale.tsv scale
[ ! -e Benchmarks/peers.tsv ] || draw peers Benchmarks/peers.tsv figures
