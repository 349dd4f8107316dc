#!/bin/bash
# figures.sh READS STORE: prints pictures/figures.tsv with what was measured: READS is what `make bench-reads` printed,
# STORE what `make bench-store` did. The memory of a session is not theirs, and stays as it is in ARCHITECTURE.md.
#
#   make bench-reads | tee reads.txt; make bench-store | tee store.txt
#   scripts/figures.sh reads.txt store.txt >figures.tsv && mv figures.tsv pictures/ && make pictures
set -euo pipefail
shopt -s inherit_errexit
[ $# -eq 2 ] || { echo "usage: figures.sh READS STORE" >&2; exit 64; }
reads=$1 store=$2

# median FILE TITLE UNIT: that of a row of a table (see bench-rows.sh).
median() {
  awk -v title="$2" -v unit="$3" '
    { name = substr($0, 1, 42); sub(/ +$/, "", name); count = split(substr($0, 43), cell, " ") }
    name == title && count >= 4 && cell[2] == unit { print cell[1]; found = 1; exit }
    END { exit !found }' "$1" || { echo "figures: no row '$2' in $3 in $1" >&2; exit 1; }
}

# rounded NUMBER DIGITS: to so many digits that count.
rounded() {
  awk -v number="$1" -v digits="$2" 'BEGIN {
    step = 1
    while (number / step >= 10 ^ digits) step *= 10
    printf "%d\n", int(number / step + 0.5) * step
  }'
}
grouped() { sed -E ':again; s/^([0-9]+)([0-9]{3})/\1,\2/; t again' <<<"$1"; }

# bar_of_time KIND LABEL TITLE
bar_of_time() {
  local value text
  value=$(median "$reads" "$3" ns)
  value=$(rounded "$value" 3)
  text="$value ns"
  if [ "$value" -ge 1000 ]; then
    value=$(rounded "$value" 2)
    text="$(awk -v value="$value" 'BEGIN { print value / 1000 }') µs"
  fi
  printf 'bar\t%s\t%s\t%s\t%s\n' "$1" "$2" "$value" "$text"
}
# bar_of_rate LABEL TITLE
bar_of_rate() {
  local value
  value=$(median "$store" "$2" /s)
  value=$(rounded "$value" 2)
  printf 'bar\town\t%s\t%s\t%s\n' "$1" "$value" "$(grouped "$value")"
}

# All of it is looked up before anything is printed.
machine=$(sed -n 's/^machine *\(.*\), load .*/\1/p' "$reads" | head -n 1)
kernel=$(sed -n 's/^kernel *//p' "$reads" | head -n 1)
times=$(
  bar_of_time own "mapped, hot session, small value" "client, mapped, hot, 18 bytes"
  bar_of_time own "mapped, as bytes" "client, mapped, as bytes"
  bar_of_time own "mapped, as String" "client, mapped, as String"
  bar_of_time own "mapped, async API" "client, mapped, async, as String"
  bar_of_time other "LMDB, transaction and get, C" "LMDB, transaction and get, C"
  bar_of_time other "Redis GET, Unix socket" "Redis GET, bare blocking socket"
)
rates=$(
  bar_of_rate "1 client" "through, 1 connections"
  bar_of_rate "50 clients at once" "through, 50 connections"
)
ready=$(median "$reads" "kill -9, start to READY" ms)
warm=$(median "$store" "warm start, sessions a second" /s)
warm=$(rounded "$warm" 3)
lag=$(median "$store" "until it is seen, median" µs)
lag=$(awk -v lag="$lag" 'BEGIN { printf "%.2f", lag / 1000 }')
cat <<END
# The figures of ARCHITECTURE.md ("Decisions, with what was measured"), as \`make bench-reads\` and \`make bench-store\` printed
# them on $machine, $kernel: medians. scripts/figures.sh makes this table of what they
# print, scripts/pictures.sh draws it. Separated by tabs. Neither prints the last row: the 1,044 bytes and the 950 are typed
# from ARCHITECTURE.md ("Memory").
# panel	scale	title	remark	(scale: log, linear)
# bar	kind	label	value	text	(kind: own, other)
# fact	text	about
panel	log	One read of a session by another process	nanoseconds, each step of the scale ten times the one before; random order, values of 256 bytes
$times
panel	linear	SETs a second that are acknowledged when the disk has them	durability through, SQLite on the same disk; who waits together shares the sync
$rates
fact	$ready ms	from kill -9 to ready, with 1,000,000 sessions
fact	$(grouped "$warm") /s	sessions loaded into empty memory after a reboot
fact	$lag ms	until another daemon on one Redis has heard of a change
fact	1,044 bytes	of memory for 950 bytes of session, index included
END
