# Draws Benchmarks/scale.tsv: what reads, SETs, memory, reclaiming and starts take, by the number of sessions.

BEGIN {
  width = 880
  margin = 30
  # Of each panel, with room at the left for the numbers of its scale.
  plot_width = 330
  plot_height = 180
  # From one row of panels to the next.
  row_height = 280
  height = 3 * row_height + 30
  # Of a letter of a label, and how far a label stays away from its point.
  letter = 7.6
  gap = 8
}

/^#/ || !NF { next }
{
  rows++
  sessions[rows] = $1
  for (column = 2; column <= 7; column++) values[column, rows] = $column
}

END {
  begin_picture(width, height, "Reads, SETs, memory, reclaiming and starts, from " count_text(sessions[1]) " to " \
    count_text(sessions[rows]) " sessions")
  draw_panel(2, 0, 0, "One mapped read", "nanoseconds, sessions in random order", 0)
  draw_panel(3, 1, 0, "One SET", "microseconds, one client over the socket, random order", 0)
  draw_panel(4, 0, 1, "Memory of a session", "bytes for 128 bytes of session, index included", 0)
  draw_panel(5, 1, 1, "Reclaiming a session", "nanoseconds of the reclaiming thread", 0)
  draw_panel(6, 0, 2, "Adoption", "milliseconds after kill -9, each step ten times the one before", 1)
  draw_panel(7, 1, 2, "Warm start", "milliseconds out of SQLite, each step ten times the one before", 1)
  end_picture()
}

# Logarithmic: each line of the scale is ten times the one below.
function draw_panel(column, across, down, title, remark, logarithmic,    x, y, row, most, least, step, mark, points) {
  x = margin + 430 * across
  y = row_height * down
  left = x + 45
  plot_bottom = y + 82 + plot_height
  words(x, y + 40, title, "strong")
  words(x, y + 59, remark, "soft")
  count = 0
  most = 0
  least = 0
  for (row = 1; row <= rows; row++) {
    if (values[column, row] == "") continue
    count++
    number[count] = values[column, row] + 0
    point_x[count] = plot_x(row)
    if (number[count] > most) most = number[count]
    if (!least || number[count] < least) least = number[count]
  }
  marks = 0
  if (logarithmic) {
    for (bottom = 1; bottom * 10 <= least; bottom *= 10) continue
    for (top = bottom * 10; top < most * 1.1; top *= 10) continue
    for (mark = bottom; mark <= top; mark *= 10) draw_mark(mark, logarithmic)
  } else {
    bottom = 0
    step = round_step(most / 4)
    # The highest number stands above its point.
    for (top = step; top < most * 1.1; top += step) continue
    for (mark = 0; mark <= top; mark += step) draw_mark(mark, logarithmic)
  }
  for (row = 1; row <= rows; row++) {
    words(sprintf("%.1f", plot_x(row)), plot_bottom + 22, short_text(sessions[row]), "middle soft")
  }
  for (row = 1; row <= count; row++) {
    point_y[row] = plot_y(number[row], logarithmic)
    points = points sprintf("%.1f,%.1f ", point_x[row], point_y[row])
  }
  printf "<polyline points=\"%s\" class=\"line mapped\" style=\"stroke-dasharray: none\"/>\n", points
  for (row = 1; row <= count; row++) {
    printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" class=\"own\"/>\n", point_x[row], point_y[row]
    draw_label(row, sprintf(column == 3 ? "%.1f" : "%d", number[row] + (column == 3 ? 0 : 0.5)))
  }
}

function draw_mark(mark, logarithmic,    y) {
  y = plot_y(mark, logarithmic)
  mark_y[++marks] = y
  printf "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"grid\"/>\n", left, y, left + plot_width, y
  words(left - 8, sprintf("%.1f", y + 4), mark, "end soft")
}

# Where it crosses the fewest lines: of the places around its point, first the ones above.
function draw_label(row, text,    length_x, place, count_places, places, part, best, least, crossed, x, y, start) {
  length_x = length(text) * letter
  count_places = split("middle:0:-1 end:-1:-1 start:1:-1 middle:0:1 start:1:1 end:-1:1", places, " ")
  for (place = 1; place <= count_places; place++) {
    split(places[place], part, ":")
    x = point_x[row] + part[2] * gap
    y = point_y[row] + (part[3] < 0 ? -gap - 1 : gap + 11)
    start = part[1] == "middle" ? x - length_x / 2 : part[1] == "end" ? x - length_x : x
    crossed = crossings(row, start - 1, start + length_x + 1, y - 12, y + 3)
    if (best && crossed >= least) continue
    best = place
    least = crossed
    best_x = x
    best_y = y
    best_anchor = part[1]
  }
  words(sprintf("%.1f", best_x), sprintf("%.1f", best_y), text, (best_anchor == "start" ? "" : best_anchor " ") "strong")
}

# What a label in this box costs: most where the curve goes through it, little for a line of the scale.
function crossings(row, low_x, high_x, low_y, high_y,    cost, step, share, x, y, mark) {
  for (step = -20; step <= 20; step++) {
    if ((step < 0 && row == 1) || (step > 0 && row == count)) continue
    share = (step < 0 ? -step : step) / 20
    x = point_x[row] + share * (point_x[row + (step < 0 ? -1 : 1)] - point_x[row])
    y = point_y[row] + share * (point_y[row + (step < 0 ? -1 : 1)] - point_y[row])
    if (step && x > low_x && x < high_x && y > low_y && y < high_y) cost += 10
  }
  for (mark = 1; mark <= marks; mark++) if (mark_y[mark] > low_y && mark_y[mark] < high_y) cost++
  # Outside of the panel are the numbers of its scale.
  if (low_x < left || high_x > left + plot_width || high_y > plot_bottom) cost += 10
  return cost
}

# Each step of the scale has ten times the sessions of the one before.
function plot_x(row) {
  if (rows == 1) return left + plot_width / 2
  return left + 20 + (plot_width - 40) * log(sessions[row] / sessions[1]) / log(sessions[rows] / sessions[1])
}

function plot_y(value, logarithmic) {
  return plot_bottom - plot_height * (logarithmic ? log(value / bottom) / log(top / bottom) : value / top)
}

# 1, 2 or 5 with zeros, or as a decimal: not less than the number.
function round_step(number,    power) {
  for (power = 0.001; power * 10 <= number; power *= 10) continue
  if (number <= power) return power
  if (number <= 2 * power) return 2 * power
  if (number <= 5 * power) return 5 * power
  return 10 * power
}

function count_text(number) {
  if (number >= 1000000) return number / 1000000 " million"
  return number >= 1000 ? sprintf("%d,%03d", number / 1000, number % 1000) : number
}

function short_text(number) {
  if (number >= 1000000) return number / 1000000 "M"
  return number >= 1000 ? number / 1000 "k" : number
}
