# shellcheck shell=bash
# The rows of the benchmarks' tables. Source it with the directory of the results in $results, where each file has a
# line for each round.

# shellcheck disable=SC2154
: "$results"

# values NAME [COLUMN]: one number a line; the sum where it is several columns, as in 7+8.
values() {
  local columns=${2:-1}
  cut -d ' ' -f "${columns//+/,}" "$results/$1" | awk '
    NF == 1 { print; next }
    { sum = 0; for (i = 1; i <= NF; i++) sum += $i; printf "%.15g\n", sum }'
}

# ratios NAME OTHER [COLUMN]: round by round, so that both have met the same noise.
ratios() {
  paste <(values "$1" "${3:-1}") <(values "$2" "${3:-1}") | awk '{ print $1 / $2 }'
}

# For awk: the middle of the first COUNT of sorted numbers.
middle_of='
  function middle_of(sorted, count) {
    return count % 2 ? sorted[(count + 1) / 2] : (sorted[count / 2] + sorted[count / 2 + 1]) / 2
  }'

# median: of the numbers on standard input; nothing of none.
median() {
  sort -g | awk "$middle_of"'
    { value[NR] = $1 }
    END { if (NR) print middle_of(value, NR) }'
}

# middle NAME COLUMN: the median of a column.
middle() {
  values "$1" "$2" | median
}

# row TITLE UNIT DECIMALS [most|least BUDGET]: about the numbers on standard input.
row() {
  sort -g | awk -v title="$1" -v unit="$2" -v decimals="$3" -v sense="${4:-}" -v budget="${5:-}" "$middle_of"'
    function number(value) { return sprintf("%." decimals "f", value) }
    { value[NR] = $1 }
    END {
      middle = middle_of(value, NR)
      printf "%-42s %9s %-3s %9s %9s", title, number(middle), unit, number(value[1]), number(value[NR])
      if (sense != "") {
        passes = sense == "most" ? middle <= budget : middle >= budget
        printf "   %s %6s %-3s %6.2f  %s", sense == "most" ? "<=" : ">=", budget, unit, middle / budget,
          passes ? "pass" : "SHORT OF IT"
      }
      printf "\n"
    }'
}

# heading TITLE
heading() {
  printf '%-42s %9s %-3s %9s %9s   %13s %6s\n' "$1" median '' lowest highest budget "/budget"
}
