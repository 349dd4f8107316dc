# The rows of the benchmarks' tables. Source it with the directory of the results in $results, where each file has a
# line for each round.

# values NAME [COLUMN]: one number a line.
values() {
  cut -d ' ' -f "${2:-1}" "$results/$1"
}

# ratios NAME OTHER [COLUMN]: round by round, so that both have met the same noise.
ratios() {
  paste <(values "$1" "${3:-1}") <(values "$2" "${3:-1}") | awk '{ print $1 / $2 }'
}

# row TITLE UNIT DECIMALS [most|least BUDGET]: about the numbers on standard input.
row() {
  sort -g | awk -v title="$1" -v unit="$2" -v decimals="$3" -v sense="${4:-}" -v budget="${5:-}" '
    function number(value) { return sprintf("%." decimals "f", value) }
    { value[NR] = $1 }
    END {
      middle = NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
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
