# Draws pictures/architecture.tsv: boxes, and lines with arrows.

$1 == "size" { begin_picture($2, $3, $4) }
$1 == "box" { box($2, $3, $4, $5, $6) }
$1 == "line" {
  if ($2 != "none") arrow($2, $3)
  words($5, $6, $4, "soft")
}
END { end_picture() }

# The heading and the lines under it are the fields from the seventh on; a frame has its heading in the upper right corner.
function box(kind, x, y, width, height,    field, top) {
  rectangle(x, y, width, height, "box " kind, 6)
  if (kind == "frame") {
    words(x + width - 15, y + 50, $7, "end large")
    return
  }
  top = y + height / 2 - (NF - 7) * 9 + 5
  for (field = 7; field <= NF; field++)
    words(x + width / 2, top + (field - 7) * 18, $field, field == 7 ? "middle strong" : "middle soft")
}

# A line along the points, with a head at its end, or at both.
function arrow(kind, points,    point, count, style) {
  count = split(points, point, " ")
  style = kind == "both" || kind == "inner" ? "" : kind
  printf "<polyline points=\"%s\" class=\"line %s\"/>\n", points, style
  head(point[count - 1], point[count], style)
  if (kind == "both") head(point[2], point[1], style)
}

function head(from, to, style,    a, b, length_, x, y) {
  split(from, a, ",")
  split(to, b, ",")
  length_ = sqrt((b[1] - a[1]) ^ 2 + (b[2] - a[2]) ^ 2)
  x = (b[1] - a[1]) / length_
  y = (b[2] - a[2]) / length_
  printf "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\" class=\"head%s\"/>\n", b[1], b[2],
    b[1] - 9 * x - 4.5 * y, b[2] - 9 * y + 4.5 * x, b[1] - 9 * x + 4.5 * y, b[2] - 9 * y - 4.5 * x,
    style == "" ? "" : "-" style
}
