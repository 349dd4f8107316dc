import SessionClient

/// The memory, how long sessions live in it, and whether it is tidied.
enum CacheChecks {
  /// A cache with less than this part of its memory to spare is near its end.
  private static let nearFull = 0.9
  /// Below this part in use, what is taken is given back when it is wanted.
  private static let scattered = 0.6
  /// So many reads are enough to judge the part of them that finds something, which should be this at least.
  private static let readsLeast = 1000
  private static let hitRatioLeast = 0.8
  private static let readsOfALook = 20
  /// Sessions may come and go while they are counted: so many, or such a part of them, is no sign of anything.
  private static let uncountedLeast = 16
  private static let uncountedPart = 0.02

  static func findings(_ facts: DoctorFacts) -> [Finding] {
    memory(facts) + hitRatio(facts) + reclaimer(facts)
  }

  private static func memory(_ facts: DoctorFacts) -> [Finding] {
    var findings: [Finding] = []
    let (before, statistics) = (facts.first.statistics, facts.last.statistics)
    let memory = statistics.memory
    // With a store memory is a cache that may be full all the time.
    let isNearFull =
      statistics.store == nil && memory.limit > 0
      && Double(memory.reserved) >= nearFull * Double(memory.limit)
      && Double(memory.used) >= scattered * Double(memory.limit)
    // What was once, and is not now, must not be an alarm until the daemon is started anew: it is a hint then.
    let since = "since its start \(Shown.duration(statistics.uptime)) ago"
    if statistics.full > 0 {
      findings.append(
        Finding(
          .full, severity: isNearFull || statistics.full > before.full ? .trouble : .hint,
          "The daemon refused \(Shown.count(statistics.full)) writes \(since), since the cache was full.",
          remedy:
            "Raise max-memory (and MemoryMax= of the unit with it), let sessions end sooner (ttl), set a "
            + "store behind the cache, or let it evict (when-full=evict)."))
    }
    let evicted = statistics.evicted.untagged + statistics.evicted.tagged
    if evicted > 0, statistics.store == nil {
      let isUserLost =
        statistics.evicted.tagged > before.evicted.tagged || (isNearFull && statistics.evicted.tagged > 0)
      findings.append(
        Finding(
          .evictions, severity: isUserLost ? .trouble : .hint,
          "\(Shown.count(evicted)) sessions were ended \(since) to make room for others, "
            + "\(Shown.count(statistics.evicted.tagged)) of them with tags, which are users logged in as a rule.",
          remedy:
            "Raise max-memory, give sessions of visitors a shorter TTL, or set a store behind the cache, "
            + "with which nobody is ended for room."))
    }
    if statistics.full == 0, evicted == 0, isNearFull {
      findings.append(
        Finding(
          .memory,
          "The cache is nearly full: \(Shown.bytes(memory.reserved)) of max-memory, \(Shown.bytes(memory.limit)), "
            + "are taken. When nothing is left, writes are refused (or sessions ended, with when-full=evict).",
          remedy: "Raise max-memory (and MemoryMax= of the unit with it), or let sessions end sooner (ttl)."))
    }
    return findings
  }

  private static func hitRatio(_ facts: DoctorFacts) -> [Finding] {
    let statistics = facts.last.statistics
    let found = statistics.hits + statistics.mapped.hits
    let reads = found + statistics.misses
    guard reads >= readsLeast, let ratio = statistics.hitRatio, ratio < hitRatioLeast else { return [] }
    let text = "Of \(Shown.count(reads)) reads only \(Shown.percent(ratio)) found something"
    // As many ends by time as reads in vain, more or less: people come back after their session's end.
    guard statistics.expired * 2 >= statistics.misses else {
      return [
        Finding(
          .hitRatio, severity: .hint,
          "\(text), although few sessions ended by their time: programs ask for sessions or keys that never were.",
          remedy: "Look which programs do (an id is kept too long, a key is optional); EXISTS is cheaper.")
      ]
    }
    var times = ""
    if case .known(let sessions) = facts.sessions, let idle = sessions.typicalIdleTime {
      times = ": their idle time is \(Shown.duration(idle))"
    }
    if found > 0, statistics.sessions > 0 {
      let gap = Double(statistics.sessions) * statistics.uptime / Double(found)
      times += times.isEmpty ? ": " : ", and "
      times += "one that lives is read every \(Shown.duration(gap)) on average"
    }
    return [
      Finding(
        .hitRatio, severity: isHitRatioLow(facts) ? .trouble : .hint,
        "\(text), and \(Shown.count(statistics.expired)) sessions ended by their time meanwhile: the time to live is "
          + "shorter than the gap between two uses\(times).",
        remedy: "Give sessions more time: the setting ttl, or TTL where the programs write them.")
    ]
  }

  /// Whether it is so just now, and not only since the start; what few reads say is nothing.
  private static func isHitRatioLow(_ facts: DoctorFacts) -> Bool {
    let (before, now) = (facts.first.statistics, facts.last.statistics)
    let found = now.hits + now.mapped.hits - before.hits - before.mapped.hits
    let missed = now.misses - before.misses
    guard found + missed >= readsOfALook else { return true }
    return Double(found) < hitRatioLeast * Double(found + missed)
  }

  private static func reclaimer(_ facts: DoctorFacts) -> [Finding] {
    let (before, now) = (facts.first.statistics, facts.last.statistics)
    var signs: [String] = []
    let met = now.evicted.expired - before.evicted.expired
    if met > 0 { signs.append("writers met \(Shown.count(met)) sessions whose time was over, just now") }
    if now.store == nil, case .known(let sessions) = facts.sessions, let listed = sessions.listed {
      let overdue = min(before.sessions, now.sessions) - listed
      if overdue > max(uncountedLeast, Int(Double(now.sessions) * uncountedPart)) {
        signs.append(
          "the daemon counts \(Shown.count(now.sessions)) sessions, of which \(Shown.count(overdue)) are over"
        )
      }
    }
    guard !signs.isEmpty else { return [] }
    return [
      Finding(
        .reclaimer,
        "The reclaimer is behind: \(signs.joined(separator: "; ")). Their memory is taken all the same.",
        remedy:
          "Give the daemon more processor time (CPUWeight=, fewer threads than cores). If it stays so while the "
          + "machine is at rest, its reclaimer is stuck: restart the daemon, no session is lost, and turn the watchdog on."
      )
    ]
  }
}
