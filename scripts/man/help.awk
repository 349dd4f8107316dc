# Parts of a manual page from a program's own help (see json.awk). PART is one of
#   abstract     what the program is for, as a part of a sentence
#   description  what the program says of itself
#   options      its options
#   settings     its options as lines of a configuration file
#   synopsis     its command lines, one for each command
#   commands     its commands with what each takes

# --name VALUE of the argument at this path.
function spelled(argument,  name, sign) {
  name = VALUE[argument ".preferredName.name"]
  sign = VALUE[argument ".preferredName.kind"] == "long" ? "--" : "-"
  if (VALUE[argument ".kind"] == "flag") return bold(sign name)
  return bold(sign name) " " slanted(VALUE[argument ".valueName"])
}

# All of its spellings, short ones first: -h, --help.
function spellings(argument,  i, name, short, long, all) {
  for (i = 0; i < COUNT[argument ".names"]; i++) {
    name = VALUE[argument ".names." i ".name"]
    if (VALUE[argument ".names." i ".kind"] == "long") long = long ", " bold("--" name)
    else short = short ", " bold("-" name)
  }
  all = substr(short long, 3)
  return VALUE[argument ".kind"] == "flag" ? all : all " " slanted(VALUE[argument ".valueName"])
}

function is_shown(argument) { return VALUE[argument ".shouldDisplay"] == "true" }
function is_positional(argument) { return VALUE[argument ".kind"] == "positional" }

function paragraph_of(argument,  text) {
  text = VALUE[argument ".abstract"]
  if (VALUE[argument ".defaultValue"] != "") text = text " Default: " VALUE[argument ".defaultValue"] "."
  if (VALUE[argument ".discussion"] != "") text = text "\n" VALUE[argument ".discussion"]
  return text
}

# An option that every command has is told once, at the program itself.
function is_common(argument) { return VALUE[argument ".preferredName.name"] in common }

function options_of(command, all,  i, argument) {
  for (i = 0; i < COUNT[command ".arguments"]; i++) {
    argument = command ".arguments." i
    if (!is_shown(argument) || is_positional(argument) || (!all && is_common(argument))) continue
    print ".TP\n" spellings(argument)
    prose(paragraph_of(argument), 1)
  }
}

function command_line(command, name,  i, argument, line, word) {
  line = bold(name)
  for (i = 0; i < COUNT[command ".arguments"]; i++) {
    argument = command ".arguments." i
    if (!is_shown(argument) || is_common(argument)) continue
    if (is_positional(argument)) {
      word = slanted(VALUE[argument ".valueName"]) (VALUE[argument ".isRepeating"] == "true" ? "..." : "")
    } else {
      word = spelled(argument)
    }
    line = line " " (VALUE[argument ".isOptional"] == "true" ? "[" word "]" : word)
  }
  return line
}

function is_command(command) { return VALUE[command ".shouldDisplay"] != "false" && VALUE[command ".commandName"] != "help" }

function commands(only_lines,  i, j, command, argument, lines) {
  for (i = 0; i < COUNT["command.subcommands"]; i++) {
    command = "command.subcommands." i
    if (!is_command(command)) continue
    if (only_lines) {
      if (lines++ > 0) print ".br"
      print command_line(command, VALUE["command.commandName"] " " VALUE[command ".commandName"])
      continue
    }
    print ".SS " VALUE[command ".commandName"]
    print command_line(command, VALUE["command.commandName"] " " VALUE[command ".commandName"])
    prose(VALUE[command ".abstract"])
    prose(VALUE[command ".discussion"])
    for (j = 0; j < COUNT[command ".arguments"]; j++) {
      argument = command ".arguments." j
      if (!is_shown(argument) || !is_positional(argument)) continue
      print ".TP\n" slanted(VALUE[argument ".valueName"])
      prose(paragraph_of(argument), 1)
    }
    options_of(command, 0)
  }
}

function settings(  i, argument, name, text) {
  for (i = 0; i < COUNT["command.arguments"]; i++) {
    argument = "command.arguments." i
    name = VALUE[argument ".preferredName.name"]
    if (!is_shown(argument) || VALUE[argument ".kind"] != "option" || name == "config") continue
    print ".TP\n" bold(name "=") slanted(VALUE[argument ".valueName"])
    text = paragraph_of(argument)
    sub(/ SIGHUP changes it\./, " (reload)", text)
    prose(text, 1)
  }
}

END {
  if (broken) exit 1
  if (VALUE["command.commandName"] == "") {
    print "man: the dumped help names no command" >"/dev/stderr"
    exit 1
  }
  if (COUNT["command.subcommands"] > 0) {
    for (i = 0; i < COUNT["command.arguments"]; i++) common[VALUE["command.arguments." i ".preferredName.name"]] = 1
  }
  if (PART == "description") prose(VALUE["command.discussion"])
  else if (PART == "abstract") {
    text = VALUE["command.abstract"]
    sub(/\.$/, "", text)
    print escaped(tolower(substr(text, 1, 1)) substr(text, 2))
  } else if (PART == "options") options_of("command", 1)
  else if (PART == "settings") settings()
  else if (PART == "synopsis") commands(1)
  else if (PART == "commands") commands(0)
  else {
    print "man: there is no part " PART >"/dev/stderr"
    exit 1
  }
}
