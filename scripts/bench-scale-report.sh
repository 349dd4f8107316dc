# shellcheck shell=bash
# What scripts/bench-scale.sh prints of what it has measured, and on what: its settings and results are looked at when
# these are called. Source it behind bench-library.sh.

# What scripts/bench-scale.sh sets:
# shellcheck disable=SC2154

. scripts/bench-rows.sh

describe() {
  describe_machine
  cat <<END
versions   $(own_versions), $(sqlite_version)
$(describe_disk)
sessions   128 bytes each: an id of 32 hex digits, the key data (4), a JSON string (92); all in random order
sessiond   a daemon for each number, --store none but for the warm starts; else the defaults
read       by a process that has the segment mapped, as bytes; $mapped reads of the largest number were answered so
SET        one client, one request after the other over the socket; the median of each round
bytes each of the segment, the index included: memory.used of STATS / sessions
reclaim    processor's time of the reclaiming thread for each session, whose deadlines lie within a second
adoption   after kill -9, as STATS tells it
warm start with an empty segment and the database on the disk: from the start until all are in memory
rounds     $rounds of $batch_ms ms of reads, SETs and connections; $starts starts, and reclaimed as often, but above
           $large sessions once
END
}

write_table() {
  local machine versions
  machine=$(sed -n 's/^machine *\(.*\), load .*/\1/p' <<<"$description")
  versions="$(own_versions), $(sqlite_version)"
  {
    echo "# What \`WRITE=1 make bench-scale\` measured on $machine,"
    echo "# $(uname -sr), $versions: medians, of sessions of 128 bytes."
    echo "# scripts/pictures.sh draws it. Separated by tabs; empty where nothing was measured."
    "$sessionbench" scale table --tabs <"$cells"
  } >"$directory/scale.tsv"
  cp "$directory/scale.tsv" Benchmarks/scale.tsv
  echo "Benchmarks/scale.tsv is written; make pictures draws it"
}

table_of_reclaiming() {
  local sessions
  heading "last deadline until all is reclaimed"
  for sessions in "${sizes[@]}"; do
    values "reclaim-$sessions" 2 | row "$sessions sessions" ms 0
  done
}

table_of_connections() {
  local step
  heading "GETs over connections in turns"
  for step in "${connection_steps[@]}"; do
    values "some-$step" | row "$step, at most $in_flight" /s 0
    values "some-$step" 3 | row "$step, at most $in_flight, 99.9 per cent" µs 0
  done
  echo
  heading "one under way of each connection"
  for step in "${connection_steps[@]}"; do
    values "all-$step" | row "$step" /s 0
    values "all-$step" 3 | row "$step, 99.9 per cent" µs 0
  done
  echo
  heading "memory for $connections_most idle connections"
  values idle | row "each, just open" B 0 most 1000
  values idle 2 | row "each, after a GET" B 0 most 1000
}

table_of_expiry() {
  local kind column
  heading "99.9 per cent while $expiring sessions end"
  column=1
  for kind in GET SET; do
    values expire $column | row "$kind, in quiet" µs 0
    values expire $((column + 1)) | row "$kind, meanwhile" µs 0
    values expire $((column + 2)) | row "$kind, meanwhile / in quiet" x 2 most 2
    column=$((column + 3))
  done
  values expire 7 | row "last deadline until all is reclaimed" ms 0
}
