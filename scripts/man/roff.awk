# Text as roff wants it.

# A backslash is roff's own sign, and so is a dot or an apostrophe at the beginning of a line.
function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  return text
}

function guarded(line) {
  return line ~ /^[.']/ ? "\\&" line : line
}

# Long code may be broken behind a comma.
function bold(text) {
  text = escaped(text)
  if (length(text) > 60) gsub(/,/, ",\\:", text)
  return "\\fB" text "\\fR"
}

function slanted(text) { return "\\fI" escaped(text) "\\fR" }

# Lines that stay as they are.
function shown(text,  count, lines, i) {
  print ".RS 4\n.EX"
  count = split(text, lines, "\n")
  for (i = 1; i <= count; i++) print guarded(escaped(lines[i]))
  print ".EE\n.RE"
}

# Paragraphs with empty lines between them; indented lines stay as they are. In an item (`is_item`) the first
# paragraph goes on behind the tag. A short line that another sentence follows was ended on purpose.
function prose(text, is_item,  count, lines, i, kept) {
  count = split(text, lines, "\n")
  kept = ""
  for (i = 1; i <= count + 1; i++) {
    if (i <= count && lines[i] ~ /^  /) {
      kept = kept (kept == "" ? "" : "\n") substr(lines[i], 3)
      continue
    }
    if (kept != "") {
      shown(kept)
      kept = ""
    }
    if (i > count) break
    if (lines[i] == "") continue
    if (i == 1 ? !is_item : lines[i - 1] == "") print ".PP"
    else if (i > 1 && length(lines[i - 1]) < 90 && lines[i] ~ /^[A-Z]/) print ".br"
    print guarded(escaped(lines[i]))
  }
}
