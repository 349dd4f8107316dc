# Puts a profile's functions into the parts of which a request is made, and prints them as a Markdown table.
#
#     awk -f scripts/profile-shares.awk TIMES GET.costs SET.costs …
#
# TIMES has a line for each profile, with tabs: its name, what it is called, microseconds a request that the processor
# spends in the program and in the kernel, and of how many requests the profile is. NAME.costs has lines of instructions,
# source file and function. A function that was put into another one still has its own file, so that goes first; most
# files are called like the one type in them.
#
# With -v functions=N the N costliest of each profile follow, with the part that each was taken for.

function are(part, names,    list, count, place) {
  count = split(names, list, " ")
  for (place = 1; place <= count; place++) part_of[list[place]] = part
}

BEGIN {
  FS = "\t"
  kernel = "system calls: in the kernel"
  calls = "system calls: on the way there"
  parse = "parse"
  lock = "lock"
  look_up = "cache lookup"
  copy = "copy and record"
  answer = "reply"
  turn = "turn and execution"
  notes = "clock and statistics"
  memory = "allocation and reference counts"
  client = "client library"
  rest = "rest"
  parts = split(kernel FS calls FS parse FS lock FS look_up FS copy FS answer FS turn FS notes FS memory FS client FS rest, \
    order, FS)

  are(calls, "Epoll ReadyEvents StreamSocket SocketCalls SystemCallError Descriptor WakeSignal AdaptivePolling PollingSlots")
  are(parse, "LineReader RequestParser Request Command WordScanner PackedWord DecimalWord UTF8Sequence ByteSearch")
  are(parse, "JSONCompactor NumberParser Limits")
  are(lock, "MutexLock ReadWriteLock Guarded")
  are(look_up, "SessionHash SessionCache SessionCache+Reading IndexShard BucketPage PageTable SlotWord ShardEntry WantedKey")
  are(look_up, "SegmentReader RecordSighting SegmentHeader SegmentGeometry DueTick SegmentFacts")
  are(copy, "RecordWriter RecordView RecordLayout RecordStamp RecordChecksum RecordTerms FieldEdits OpenSession WordWriter")
  are(copy, "SessionCache+Writing SessionCache+Room BlockAllocator BlockRun SegmentAllocator SizeClass PageMap EndedRecords")
  are(copy, "SharedWords PartialWord RawFieldWalk BlockUsage WordRun")
  are(copy, "EventLog EventRing EventRecord SessionCache+Journal EventKind ChangeOrigin EventListener")
  are(answer, "ReplyWriting ReplyBatch Outbox JSONWriter ReplyLine NumberText")
  are(turn, "Reactor Connection ConnectionTable Conversation RequestExecutor Progress ConnectionLedger ReactorMailbox")
  are(turn, "WatcherTable EventRound EventPortion ParkedTable Caller RoleRules")
  are(notes, "BootClock FrequentClock ReactorStatistics ServerStatistics LatencyHistogram UseSampler SpaceSaving")
  are(notes, "BusyWindow BusySession HitCounters")
  are(client, "SessionClient MappedView MappingShelf ReadGate PendingTouches SessionValue PlainValue PlainJSON JSONReader")
  are(client, "Blocking MappedBytes BlockingString CountedReads ForkCount OwnFile")
}

# taken(FILE, FUNCTION): its part.
function taken(file, name) {
  sub(/.*\//, "", file)
  sub(/\.swift$/, "", file)
  if (file in part_of) return part_of[file]
  sub(/[+].*/, "", file)
  if (file in part_of) return part_of[file]

  # What is added to types of the standard library.
  if (name ~ /plain(Text|Name)Length|firstOffset|initializeWithCopy for ClosedRange/) return parse
  if (name ~ /append(Decimal|LineEnd|Error|OK)|Array\.(append|replaceSubrange)/) return answer
  if (name ~ /initializeWithCopy for|destroy for|outlined (copy|consume|release|retain|destroy)/) return memory
  if (name ~ /^_*(mem|bcmp)(cpy|move|set|cmp|chr|pcpy)?(_|$)/) return copy
  if (name ~ /pthread_|^_*lll_|futex/) return lock
  if (name ~ /clock_gettime|^now_ns$|_ns$|^time$/) return notes
  if (name ~ /^_*(libc_)?(recv|send|recvmsg|sendmsg|read|write|syscall)$|epoll|eventfd/) return calls
  if (name ~ /^_*(int_)?(malloc|free|calloc|realloc|posix_memalign|cfree)|tcache|^_*swift_/) return memory

  # "specialized closure #1 in Reactor.receive(_:_:)" is Reactor's.
  sub(/.* in /, "", name)
  sub(/.*(specialized|merged|partial apply for|outlined [a-z ]* of) /, "", name)
  sub(/[.(<].*/, "", name)
  return name in part_of ? part_of[name] : rest
}

FILENAME == ARGV[1] {
  title[$1] = $2
  user[$1] = $3
  system_time[$1] = $4
  requests[$1] = $5
  next
}

FNR == 1 {
  profile = FILENAME
  sub(/.*\//, "", profile)
  sub(/\.costs$/, "", profile)
  if (!(profile in requests)) {
    print "profile-shares: " FILENAME " is not among the times" >"/dev/stderr"
    failed = 1
    exit 1
  }
  column[++columns] = profile
}

{
  part = taken($2, $3)
  instructions[profile, part] += $1 / requests[profile]
  sum[profile] += $1 / requests[profile]
  by_function[profile, $3] += $1 / requests[profile]
  last_part[profile, $3] = part
}

# share(PROFILE, PART): microseconds of it in one request.
function microseconds(profile, part) {
  if (part == kernel) return system_time[profile]
  return sum[profile] > 0 ? user[profile] * instructions[profile, part] / sum[profile] : 0
}

function print_functions(profile, count,    place, key, pair, best) {
  for (place = 1; place <= count; place++) {
    best = ""
    for (key in by_function) {
      split(key, pair, SUBSEP)
      if (pair[1] == profile && (best == "" || by_function[key] > by_function[best])) best = key
    }
    if (best == "") return
    split(best, pair, SUBSEP)
    printf "%8.1f  %-32s %s\n", by_function[best], last_part[best], pair[2]
    delete by_function[best]
  }
}

END {
  if (failed) exit 1
  line = "| part |"
  rule = "|---|"
  for (place = 1; place <= columns; place++) {
    line = line sprintf(" %s: instructions | ns | %% |", title[column[place]])
    rule = rule "--:|--:|--:|"
  }
  print line
  print rule
  for (row = 1; row <= parts; row++) {
    line = "| " order[row] " |"
    for (place = 1; place <= columns; place++) {
      profile = column[place]
      spent = microseconds(profile, order[row])
      total = user[profile] + system_time[profile]
      line = line sprintf(" %s | %.0f | %.0f |", order[row] == kernel ? "" : sprintf("%.0f", instructions[profile, order[row]]),
        spent * 1000, total > 0 ? spent / total * 100 : 0)
    }
    print line
  }
  line = "| all of it |"
  for (place = 1; place <= columns; place++) {
    profile = column[place]
    line = line sprintf(" %.0f | %.0f | 100 |", sum[profile], (user[profile] + system_time[profile]) * 1000)
  }
  print line
  for (place = 1; functions > 0 && place <= columns; place++) {
    printf "\n%s, the costliest functions (instructions a request)\n", title[column[place]]
    print_functions(column[place], functions)
  }
}
