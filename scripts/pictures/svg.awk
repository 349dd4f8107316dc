# What the pictures are drawn with. Coordinates are pixels, from the upper left corner.

function escaped(string) {
  gsub(/&/, "\\&amp;", string)
  gsub(/</, "\\&lt;", string)
  gsub(/>/, "\\&gt;", string)
  return string
}

function begin_picture(width, height, title) {
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
    width, height, width, height
  printf "<title>%s</title>\n", escaped(title)
  print "<style>"
  print "text { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; font-size: 13px; }"
  print ".strong { font-weight: 600; } .large { font-size: 20px; font-weight: 600; }"
  print ".middle { text-anchor: middle; } .end { text-anchor: end; }"
  print ".line { fill: none; stroke-width: 1.6; } .line.mapped { stroke-width: 2.4; stroke-dasharray: 6 4; }"
  print ".grid { stroke-dasharray: 2 4; }"
  colours("#ffffff #1f2328 #59636e #8c959f #0969da #bf8700 #f6f8fa #ffffff #ddf4ff #dafbe1 #fff8c5 #eaeef2")
  print "@media (prefers-color-scheme: dark) {"
  colours("#0d1117 #f0f6fc #9198a1 #656c76 #4493f8 #d29922 #151b23 #262c36 #0c2d6b #033a16 #4b2900 #2f3742")
  print "}"
  print "</style>"
  rectangle(0.5, 0.5, width - 1, height - 1, "page", 8)
}

# Page, ink, soft ink, edges, own and others' figures; then the boxes: frame, part, client, memory, store, system.
function colours(list,    colour) {
  split(list, colour, " ")
  printf "text { fill: %s; } text.soft { fill: %s; }\n", colour[2], colour[3]
  printf ".page { fill: %s; stroke: %s; } .box, .line, .grid { stroke: %s; }\n", colour[1], colour[4], colour[4]
  printf ".head { fill: %s; } .line.request { stroke: %s; } .head-request { fill: %s; }\n", colour[4], colour[2], colour[2]
  printf ".own, .head-mapped { fill: %s; } .line.mapped { stroke: %s; } .other { fill: %s; }\n", colour[5], colour[5], colour[6]
  printf ".frame { fill: %s; } .part { fill: %s; } .client { fill: %s; }\n", colour[7], colour[8], colour[9]
  printf ".memory { fill: %s; } .store { fill: %s; } .system { fill: %s; }\n", colour[10], colour[11], colour[12]
}

function end_picture() {
  print "</svg>"
}

function rectangle(x, y, width, height, classes, radius) {
  printf "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%d\" class=\"%s\"/>\n", x, y, width, height, radius, classes
}

function words(x, y, string, classes) {
  if (string != "") printf "<text x=\"%s\" y=\"%s\" class=\"%s\">%s</text>\n", x, y, classes, escaped(string)
}
