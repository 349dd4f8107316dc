# The body of a manual page from a document in Markdown, as far as Protocol.md uses it: headings, paragraphs,
# lists, tables, code in fences or indented, and within a line `code`, **bold** and [links](#place).

# A line of text. Code within it is bold, as programs and options are in manual pages.
function inline(text,  result, at, rest, close_at) {
  # Links within the document are their text; of others the address is left out.
  while (match(text, /\[[^]\[]*(\[[^]\[]*\][^]\[]*)*\]\([^)]*\)/)) {
    rest = substr(text, RSTART, RLENGTH)
    close_at = index(rest, "](")
    while (index(substr(rest, close_at + 2), "](") > 0) close_at += 1 + index(substr(rest, close_at + 2), "](")
    text = substr(text, 1, RSTART - 1) substr(rest, 2, close_at - 2) substr(text, RSTART + RLENGTH)
  }
  result = ""
  while (match(text, /`[^`]*`|\*\*[^*]*\*\*/)) {
    # Code within bold text needs no marks of its own.
    at = RSTART
    rest = substr(text, at, RLENGTH)
    result = result escaped(substr(text, 1, at - 1))
    text = substr(text, at + RLENGTH)
    if (rest ~ /^\*/) gsub(/`/, "", rest)
    result = result bold(rest ~ /^`/ ? substr(rest, 2, length(rest) - 2) : substr(rest, 3, length(rest) - 4))
  }
  return guarded(result escaped(text))
}

function flush_code() {
  if (code != "") {
    if (!is_headed) print ".PP"
    shown(code)
    is_headed = 0
  }
  code = ""
}

# What has been gathered of a paragraph or of a list's item. Code spans may go over the end of a line.
function flush_text() {
  if (text != "") {
    if (!is_headed || opening != ".PP") print opening
    print inline(text)
    is_headed = 0
  }
  text = ""
}

function flush_all() {
  flush_text()
  flush_code()
}

# A row is an item: its first cell the tag, the second the text, further ones with their column's name.
function row(line,  count, cells, i, word, tag) {
  sub(/^\| */, "", line)
  sub(/ *\|$/, "", line)
  count = split(line, cells, / +\| +/)
  if (columns == 0) {
    columns = count
    for (i = 1; i <= count; i++) column[i] = cells[i]
    return
  }
  if (line ~ /^-+(\|-+)*$/) return
  is_headed = 0
  tag = inline(cells[1])
  print ".TP\n" tag
  word = inline(cells[2])
  if (columns > 2 && cells[2] !~ /[.]$/) word = word "."
  for (i = 3; i <= count; i++) {
    if (cells[i] == "–" || cells[i] == "") continue
    word = word "\n" toupper(substr(column[i], 1, 1)) inline(substr(column[i], 2)) ": " inline(cells[i]) "."
  }
  print word
}

BEGIN {
  opening = ".PP"
  # The page's own first heading stands before this.
  is_headed = 1
}

/^```/ {
  if (fenced) flush_code()
  else flush_text()
  fenced = !fenced
  next
}
fenced {
  code = code (code == "" ? "" : "\n") $0
  next
}
!/^\|/ { columns = 0 }
/^# / { next }
/^## / {
  flush_all()
  print ".SH " toupper(substr($0, 4))
  is_headed = 1
  next
}
/^### / {
  flush_all()
  print ".SS " substr($0, 5)
  is_headed = 1
  next
}
# The list of contents.
/^\* \[[^]]*\]\(#[^)]*\)$/ { next }
/^\|/ {
  flush_all()
  row($0)
  next
}
/^    / && text == "" {
  code = code (code == "" ? "" : "\n") substr($0, 5)
  next
}
/^\* / {
  flush_all()
  opening = ".IP \\(bu 2"
  text = substr($0, 3)
  next
}
/^[0-9]+\. / {
  flush_all()
  opening = ".IP " $1 " 4"
  text = substr($0, length($1) + 2)
  next
}
/^$/ {
  flush_all()
  opening = ".PP"
  next
}
{
  flush_code()
  line = $0
  sub(/^ +/, "", line)
  text = text (text == "" ? "" : " ") line
}
END { flush_all() }
