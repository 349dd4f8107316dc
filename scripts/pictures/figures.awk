# Draws pictures/figures.tsv: bars, and a row of facts under them.

BEGIN {
  width = 880
  margin = 30
  bar_left = 290
  bar_most = 460
  bar_step = 28
}

/^#/ || !NF { next }
$1 == "panel" {
  panels++
  scale[panels] = $2
  title[panels] = $3
  remark[panels] = $4
}
$1 == "bar" {
  bars[panels]++
  bar = panels SUBSEP bars[panels]
  kind[bar] = $2
  label[bar] = $3
  value[bar] = $4
  text[bar] = $5
  if ($4 > most[panels]) most[panels] = $4
}
$1 == "fact" {
  facts++
  fact[facts] = $2
  about[facts] = $3
}

END {
  height = margin + 90
  for (panel = 1; panel <= panels; panel++) height += 74 + bars[panel] * bar_step
  begin_picture(width, height, "What was measured: " title[1] "; " title[2])
  y = margin
  for (panel = 1; panel <= panels; panel++) y = draw_panel(panel, y)
  for (number = 1; number <= facts; number++) draw_fact(number, y)
  end_picture()
}

# On the logarithmic scale a bar begins at 10.
function bar_width(panel, value) {
  return scale[panel] == "log" ? bar_most * log(value / 10) / log(most[panel] / 10) : bar_most * value / most[panel]
}

# The place below it is the result.
function draw_panel(panel, y,    number, bar, power, x) {
  words(margin, y + 10, title[panel], "strong")
  words(margin, y + 29, remark[panel], "soft")
  y += 42
  if (scale[panel] == "log")
    for (power = 10; power <= most[panel]; power *= 10) {
      x = bar_left + bar_width(panel, power)
      printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" class=\"grid\"/>\n", x, y, x, y + bars[panel] * bar_step
    }
  for (number = 1; number <= bars[panel]; number++) {
    bar = panel SUBSEP number
    words(bar_left - 12, y + 18, label[bar], "end")
    rectangle(bar_left, y + 4, sprintf("%.1f", bar_width(panel, value[bar])), bar_step - 9, kind[bar], 3)
    words(sprintf("%.1f", bar_left + bar_width(panel, value[bar]) + 8), y + 18, text[bar], "strong")
    y += bar_step
  }
  return y + 32
}

# A number, and what it is of in two lines.
function draw_fact(number, y,    i, x, line, word, count, lines) {
  x = margin + (number - 1) * (width - 2 * margin) / facts
  words(x, y + 12, fact[number], "large")
  count = split(about[number], word, " ")
  line = ""
  for (i = 1; i <= count; i++) {
    if (length(line " " word[i]) > 27) {
      words(x, y + 32 + 17 * lines++, line, "soft")
      line = word[i]
    } else line = line == "" ? word[i] : line " " word[i]
  }
  words(x, y + 32 + 17 * lines, line, "soft")
}
