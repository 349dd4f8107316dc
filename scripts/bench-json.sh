#!/bin/bash
# bench-json.sh RESULTS RATIOS DESCRIPTION: prints what scripts/bench.sh has measured as a JSON object: the description,
# the ratios with their budgets, and the numbers of every load in every round. Times are in nanoseconds.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$1 ratios=$2 description=$3
export LC_ALL=C

# quoted: the lines of standard input as JSON strings with commas between them.
quoted() {
  awk '{
    gsub(/[\\"]/, "\\\\&"); gsub(/[\t\r]/, " ")
    printf "%s    \"%s\"", (NR > 1 ? ",\n" : ""), $0
  } END { print "" }'
}

# rounds NAME-OF-COLUMN… : the lines of standard input as JSON objects.
rounds() {
  awk -v names="$*" '
    BEGIN { count = split(names, name, " ") }
    {
      printf "%s      {", (NR > 1 ? ",\n" : "")
      for (i = 1; i <= count && i <= NF; i++) printf "%s\"%s\": %s", (i > 1 ? ", " : ""), name[i], $i
      printf "}"
    }
    END { print "" }'
}

echo '{'
echo '  "description": ['
grep -v '^$' "$description" | quoted
echo '  ],'
echo '  "ratios": ['
awk -F '\t' '{
  gsub(/[\\"]/, "\\\\&", $1)
  met = $5 == "most" ? $2 + 0 <= $6 + 0 : $2 + 0 >= $6 + 0
  printf "%s    {\"title\": \"%s\", \"median\": %s, \"lowest\": %s, \"highest\": %s", (NR > 1 ? ",\n" : ""), $1, $2, $3, $4
  if ($6 != "") printf ", \"%s\": %s, \"met\": %s", $5, $6, (met ? "true" : "false")
  printf "}"
} END { print "" }' "$ratios"
echo '  ],'
echo '  "measurements": ['
separator=
for file in "$results"/*; do
  name=$(basename "$file")
  case $name in
  memory.*) columns=(bytesPerSession payload) ;;
  share-*) columns=(burnersPercent) ;;
  mapped | lmdb) columns=(nanoseconds processorTime requests) ;;
  *.*) columns=(perSecond p50 p90 p99 p99.9 max serverTime clientTime requests) ;;
  *) continue ;;
  esac
  printf '%s    {"name": "%s", "server": "%s", "rounds": [\n' "$separator" "${name%%.*}" \
    "$([[ $name = *.* ]] && echo "${name#*.}" || echo "$name")"
  rounds "${columns[@]}" <"$file"
  printf '    ]}'
  separator=$',\n'
done
echo
echo '  ]'
echo '}'
