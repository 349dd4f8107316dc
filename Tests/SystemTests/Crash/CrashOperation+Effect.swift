// What is asked, what it does, and what is answered.
extension CrashOperation {
  /// - Parameter id: by its number.
  func request(_ standing: CrashStanding, id: (Int) -> String) -> String {
    let session = id(standing.number)
    switch self {
    case .set(let key, let value, let version):
      return "SET \(session) \(key) \(version.map { "IF \($0) " } ?? "")\(value)\n"
    case .setAll(let pairs, let ttl):
      return "MSET \(session) \(ttl.map { "TTL \($0) " } ?? ""){"
        + pairs.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}\n"
    case .increment: return "INCR \(session) n\n"
    case .removeKey(let key): return "DEL \(session) \(key)\n"
    case .remove: return "DEL \(session)\n"
    case .expire(let seconds): return "EXPIRE \(session) \(seconds)\n"
    case .endSoon(let milliseconds): return "EXPIRE \(session) \(Double(milliseconds) / 1000)\n"
    case .tag(let tags): return "TAG \(session) \(tags.joined(separator: " "))\n"
    case .untag(let tags): return "UNTAG \(session) \(tags.joined(separator: " "))\n"
    case .shorten: return "EXPIRE \(session) \(CrashStanding.ClosedID.seconds)\n"
    case .rename(let hasGrace, _):
      let grace = hasGrace ? " GRACE \(CrashStanding.ClosedID.graceSeconds)" : ""
      return "RENAME \(session) \(id(standing.number + 1))\(grace)\n"
    case .lengthen(let number): return "EXPIRE \(id(number)) \(CrashState.defaultTTL)\n"
    case .revoke: return "REVOKE \(session)\n"
    // One that begins no session where the mark is over.
    case .writeLate: return "SET \(id(standing.closed.last?.number ?? 0)) late IF 1 1\n"
    }
  }

  /// What there is afterwards.
  func applied(to standing: CrashStanding) -> CrashStanding {
    var next = standing
    switch self {
    case .rename(let hasGrace, let since):
      if standing.session != nil { next.close(isAlias: hasGrace, since: since) }
    case .revoke(let since):
      next.session = nil
      next.close(isAlias: false, since: since)
    case .lengthen(let number):
      if standing.number == number { next.session?.ttl = CrashState.defaultTTL }
    default: next.session = applied(to: standing.session)
    }
    return next
  }

  private func applied(to state: CrashState?) -> CrashState? {
    var state = state
    switch self {
    case .set(let key, let value, _):
      state = state ?? CrashState()
      state?.set(key, value)
    case .setAll(let pairs, let ttl):
      state = state ?? CrashState()
      for (key, value) in pairs { state?.set(key, value) }
      if let ttl { state?.ttl = ttl }
    case .increment:
      state = state ?? CrashState()
      let old = state?.fields.first { $0.key == "n" }.flatMap { Int($0.value) } ?? 0
      state?.set("n", "\(old + 1)")
    case .removeKey(let key): state?.fields.removeAll { $0.key == key }
    case .remove: state = nil
    case .expire(let seconds): state?.ttl = seconds
    case .tag(let tags):
      let known = state?.tags ?? []
      state?.tags += tags.filter { !known.contains($0) }
    case .untag(let tags): state?.tags.removeAll(where: tags.contains)
    case .shorten: state?.ttl = CrashStanding.ClosedID.seconds
    case .endSoon, .rename, .lengthen, .revoke, .writeLate: break
    }
    return state
  }

  /// The reply where the session stood so; nil where it is a version, which only the daemon knows.
  func reply(from standing: CrashStanding, id: (Int) -> String) -> String? {
    let state = standing.session
    switch self {
    case .set, .setAll: return nil
    case .increment: return "OK " + (applied(to: state)?.fields.first { $0.key == "n" }?.value ?? "")
    case .removeKey(let key): return state?.fields.contains { $0.key == key } == true ? "OK 1" : "OK 0"
    case .remove: return state == nil ? "OK 0" : "OK 1"
    case .expire, .endSoon, .shorten: return state == nil ? "OK false" : "OK true"
    case .tag(let tags):
      guard let state else { return "NIL" }
      return "OK \(tags.count { !state.tags.contains($0) })"
    case .untag(let tags):
      guard let state else { return "NIL" }
      return "OK \(tags.count(where: state.tags.contains))"
    case .rename: return state == nil ? "NIL" : "OK \"\(id(standing.number + 1))\""
    case .lengthen(let number): return standing.number == number && state != nil ? "OK true" : "OK false"
    case .revoke: return state == nil ? "OK 0" : "OK 1"
    case .writeLate: return "ERR revoked"
    }
  }
}
