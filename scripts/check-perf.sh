#!/bin/bash
# check-perf.sh [--write]: counts the instructions of the hot paths, which do not depend on how busy the machine is, and
# compares them with Benchmarks/instructions.tsv: more than the tolerance above fails. With --write that table gets what
# was counted. Then it counts allocations, of which a GET and a SET make none.
#
# Every path is counted with a number of requests and with twice as many: the difference is the requests' alone.
#
#   REQUESTS=10240       requests to the daemon; a multiple of 16
#   READS=102400         reads out of the mapping; a multiple of 1024
set -euo pipefail
cd "$(dirname "$0")/.."
requests=${REQUESTS:-10240}
reads=${READS:-102400}
table=Benchmarks/instructions.tsv
tolerance=5
write=
case "$#:${1-}" in
0:) ;;
1:--write) write=yes ;;
*)
  echo "usage: scripts/check-perf.sh [--write]" >&2
  exit 64
  ;;
esac

scripts/setup.sh valgrind binutils
bench="check-perf"
. scripts/bench-library.sh
want_numbers "$requests" "$reads"
make_disk
. scripts/counting-library.sh

# Where libc copies bytes by other instructions, other numbers are right.
architecture=$(uname -m)
if [ "$architecture" = x86_64 ] && ! grep -qw avx2 /proc/cpuinfo; then
  architecture=x86_64-without-avx2
fi

# has_rows: whether the table says something about this architecture.
has_rows() {
  [ -e "$table" ] && awk -F '\t' -v here="$architecture" '!/^#/ && $2 == here { found = 1 } END { exit !found }' "$table"
}

### Counting

# note NAME ONCE TWICE REQUESTS: keeps what one of the requests took.
note() {
  local once twice
  once=$(total "$2")
  twice=$(total "$3")
  printf '%s\t%s\n' "$1" $(((twice - once + $4 / 2) / $4)) | tee -a "$results/counts"
}

# count_path NAME PATH OPTION…
count_path() {
  local name=$1
  shift
  count_daemon "$disk/once" "$requests" "$@"
  count_daemon "$disk/twice" $((2 * requests)) "$@"
  note "$name" "$disk/once" "$disk/twice" "$requests"
}

# count_reading NAME PATH
count_reading() {
  count_reads "$disk/once" "$reads" "$2" "$directory/mapped.sock"
  count_reads "$disk/twice" $((2 * reads)) "$2" "$directory/mapped.sock"
  note "$1" "$disk/once" "$disk/twice" "$reads"
}

count_all() {
  local depth hits
  for depth in 1 16; do
    count_path "get-$depth" get --depth "$depth"
    count_path "set-$depth" set --depth "$depth"
  done
  count_path mset-1 mset
  count_path session-1 session
  count_path set-ten-1 set-ten
  count_path touch-1 touch
  start mapped 64M --threads 1 --busy-poll 0
  count_reading read-bytes bytes
  count_reading read-string string
  # Otherwise what was counted is a read over the socket. A program tells its last reads when it ends, or not at all.
  hits=$(mapped_hits "$(statistics mapped)")
  [ "${hits:-0}" -ge $((3 * reads)) ] || fail "only ${hits:-0} of $((6 * reads)) reads were answered out of the mapping"
}

### The table

# counted_with: the versions with which the rows of this architecture were counted.
counted_with() {
  sed -n "s/^# $architecture: //p" "$table"
}

write_table() {
  {
    cat <<END_OF_HEAD
# Instructions of a request, counted by callgrind: the daemon's, or those of a program that reads out of the mapping.
# make check-perf fails where they are more by over so many per cent. scripts/check-perf.sh --write writes the rows of the
# machine's architecture anew, and keeps the tolerances and what other architectures have.
END_OF_HEAD
    [ ! -e "$table" ] || sed -n "/^# $architecture: /d; /^# [a-z0-9_-]*: /p" "$table"
    echo "# $architecture: $(counting_tools)"
    printf '# path\tarchitecture\tinstructions\ttolerance %%\n'
    [ ! -e "$table" ] || awk -F '\t' -v here="$architecture" '!/^#/ && $2 != here' "$table"
    awk -F '\t' -v OFS='\t' -v here="$architecture" -v usual="$tolerance" '
      FILENAME != ARGV[2] { if ($2 == here) kept[$1] = $4; next }
      { print $1, here, $2, $1 in kept ? kept[$1] : usual }' \
      "$([ -e "$table" ] && echo "$table" || echo /dev/null)" "$results/counts"
  } >"$results/table"
  cp "$results/table" "$table"
  echo "check-perf: wrote $table"
}

# Says what is more and what is less; fails if something is more.
compare() {
  awk -F '\t' -v here="$architecture" -v table="$table" '
    FILENAME == ARGV[1] { if (!/^#/ && $2 == here) { wanted[$1] = $3; tolerance[$1] = $4 } next }
    { count[$1] = $2; order[++paths] = $1 }
    END {
      printf "%-12s %12s %12s %8s\n", "path", "instructions", "the table", "%"
      for (place = 1; place <= paths; place++) {
        path = order[place]
        if (!(path in wanted)) {
          complaint[++complaints] = path " has no row in " table
          continue
        }
        percent = (count[path] / wanted[path] - 1) * 100
        printf "%-12s %12d %12d %+8.1f\n", path, count[path], wanted[path], percent
        if (percent > tolerance[path]) complaint[++complaints] = sprintf( \
          "%s takes %d instructions, %.1f %% more than the %d of %s, which allows %s %%", \
          path, count[path], percent, wanted[path], table, tolerance[path])
        if (-percent > tolerance[path]) remark[++remarks] = sprintf( \
          "%s takes %.1f %% less than its row says; lower it: scripts/check-perf.sh --write", path, -percent)
      }
      for (path in wanted) if (!(path in count)) complaint[++complaints] = path " of " table " is not counted"
      fflush()
      for (place = 1; place <= remarks; place++) print "check-perf: " remark[place]
      for (place = 1; place <= complaints; place++) print "check-perf: " complaint[place] > "/dev/stderr"
      exit (complaints > 0)
    }' "$table" "$results/counts"
}

### The course of it

failed=0
if [ -n "$write" ]; then
  count_all
  write_table
elif [ ! -e "$table" ]; then
  fail "there is no $table; scripts/check-perf.sh --write makes it"
elif has_rows; then
  count_all
  if ! compare; then
    failed=1
    echo "check-perf: the rows were counted with $(counted_with); here are $(counting_tools)" >&2
  fi
else
  echo "check-perf: instructions skipped: $table has no row for $architecture"
fi

Tests/Allocations/run || failed=1
[ "$failed" -eq 0 ] || fail "something takes more than it did"
echo "check-perf: all is well, after $SECONDS s"
