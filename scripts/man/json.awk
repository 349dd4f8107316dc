# Reads what a program of ArgumentParser's prints for --experimental-dump-help: JSON with one token pair a line.
# Afterwards VALUE["command.arguments.0.abstract"] is that string, and COUNT["command.arguments"] how many there are.

function unescaped(text,  result, at, letter) {
  result = ""
  while ((at = index(text, "\\")) > 0) {
    letter = substr(text, at + 1, 1)
    result = result substr(text, 1, at - 1)
    if (letter == "n") result = result "\n"
    else if (letter == "t") result = result "\t"
    else if (letter ~ /["\/\\]/) result = result letter
    else fail("a string with \\" letter)
    text = substr(text, at + 2)
  }
  return result text
}

function fail(what) {
  print "man: line " NR " of the dumped help: " what >"/dev/stderr"
  broken = 1
  exit 1
}

# The path of the next value: below a list it ends with its number, below an object with its key.
function opened(key) {
  if (depth == 0) return ""
  if (is_list[depth]) key = COUNT[path[depth]]++
  return path[depth] == "" ? key : path[depth] "." key
}

BEGIN { depth = 0 }

{
  line = $0
  sub(/^[ \t]+/, "", line)
  sub(/,$/, "", line)
  key = ""
  if (line ~ /^[]}]$/) {
    depth--
    next
  }
  if (line == "") next
  if (depth > 0 && !is_list[depth]) {
    if (!match(line, /^"[A-Za-z0-9]+" : /)) fail("no key in: " line)
    key = substr(line, 2, RLENGTH - 5)
    line = substr(line, RLENGTH + 1)
  }
  here = opened(key)
  if (line == "{" || line == "[") {
    depth++
    path[depth] = here
    is_list[depth] = line == "["
  } else if (line ~ /^".*"$/) {
    VALUE[here] = unescaped(substr(line, 2, length(line) - 2))
  } else {
    VALUE[here] = line
  }
}
