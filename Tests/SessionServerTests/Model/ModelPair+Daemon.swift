import SessionClient
import Testing

// What the daemon answers.
extension ModelPair {
  func daemonReply(to operation: ModelOperation) throws -> ModelReply {
    switch operation {
    case .tagged(let tag, let limit): return try tagged(tag, limit)
    case .list(let prefix, let limit): return try list(prefix, limit)
    case .restore(let session) where told[session]?.daemonDump == nil: return ModelReply("nothing to restore")
    default: break
    }
    let line = dialogue.ask(request(operation))
    if line.hasPrefix("ERR ") {
      let code = code(of: line)
      return ModelReply(
        error: code,
        conflictVersion: code == "conflict" ? line.split(separator: " ").last.flatMap { Int($0) } : nil)
    }
    var reply = ModelReply(line)
    guard line.hasPrefix("OK ") else { return reply }
    switch operation {
    case .set, .setMany, .restore, .restoreMadeUp: return ModelReply(version: Int(line.dropFirst(3)) ?? -1)
    case .timeToLive:
      let seconds = try #require(Double(line.dropFirst(3)))
      return ModelReply("OK \(Int((seconds * 1000).rounded())) ms")
    case .info:
      reply.takeOut(version: "version")
      reply.takeOut(time: "created")
    case .create(let label, _, _), .renameAnew(_, let label, _):
      names.set(daemon: try string(line.dropFirst(3)), for: label)
      return ModelReply("OK \(label)")
    case .rename: return ModelReply("OK \(names.label(ofDaemon: try string(line.dropFirst(3))))")
    case .why:
      let end = try end(line.dropFirst(3))
      reply = ModelReply("OK \(end.ended) {time}\(end.isBySomebody ? " by somebody" : "")")
      reply.times = [end.at]
    case .dump(let session):
      told[session, default: Told()].daemonDump = String(line.dropFirst(3))
      reply.replace(quoted(names.daemon(session)), with: quoted(session))
      reply.takeOut(version: "version")
      reply.takeOut(time: "created")
      reply.takeOut(time: "expires")
    default: break
    }
    return reply
  }

  private func request(_ operation: ModelOperation) -> String {
    switch operation {
    case .get(let session, let key): "GET \(word(session))\(key.map { " \(quoted($0))" } ?? "")"
    case .peek(let session, let key): "PEEK \(word(session))\(key.map { " \(quoted($0))" } ?? "")"
    case .getMany(let session, let keys): "MGET \(word(session)) \(words(keys))"
    case .set(let session, let key, let value, let options):
      "SET \(word(session)) \(quoted(key)) \(self.options(options, session))\(value)"
    case .setMany(let session, let object, let dropped, let options):
      "MSET \(word(session)) \(self.options(options, session))"
        + dropped.map { "DROP \(quoted($0)) " }.joined() + object
    case .delete(let session): "DEL \(word(session))"
    case .deleteKeys(let session, let keys): "DEL \(word(session)) \(words(keys))"
    case .increment(let session, let key, let amount): "INCR \(word(session)) \(quoted(key)) \(amount)"
    case .exists(let session): "EXISTS \(word(session))"
    case .timeToLive(let session): "TTL \(word(session))"
    case .expire(let session, let milliseconds): "EXPIRE \(word(session)) \(Self.seconds(milliseconds))"
    case .touch(let sessions): "TOUCH \(sessions.map(word).joined(separator: " "))"
    case .info(let session): "INFO \(word(session))"
    case .create(_, let object, let milliseconds):
      "NEW\(milliseconds.map { " TTL \(Self.seconds($0))" } ?? "")\(object.map { " \($0)" } ?? "")"
    case .rename(let session, let new, let grace): "RENAME \(word(session)) \(word(new))\(self.grace(grace))"
    case .renameAnew(let session, _, let grace): "RENAME \(word(session))\(self.grace(grace))"
    case .revoke(let sessions): "REVOKE \(sessions.map(word).joined(separator: " "))"
    case .revokeAll(let tag): "REVOKEALL \(quoted(tag))"
    case .tag(let session, let tags): "TAG \(word(session)) \(words(tags))"
    case .untag(let session, let tags): "UNTAG \(word(session)) \(words(tags))"
    case .why(let session): "WHY \(word(session))"
    case .dump(let session): "DUMP \(word(session))"
    case .restore(let session): "RESTORE \(told[session]?.daemonDump ?? "")"
    case .restoreMadeUp(let session, let dump):
      "RESTORE \(dump.text(id: names.daemon(session), now: daemonWallClock))"
    case .flush: "FLUSH"
    case .tagged, .list, .countSessions, .advance, .sweep: preconditionFailure("is no single request")
    }
  }

  private func tagged(_ tag: String, _ limit: Int) throws -> ModelReply {
    var all: [String] = []
    var page: [String]
    repeat {
      let after = all.last.map { " AFTER \(quoted($0))" } ?? ""
      let line = dialogue.ask("TAGGED \(quoted(tag))\(after) LIMIT \(limit)")
      if line.hasPrefix("ERR ") { return ModelReply(error: code(of: line)) }
      page = try strings(line.dropFirst(3))
      all += page
    } while page.count == limit
    return listing(all.map(names.label(ofDaemon:)))
  }

  private func list(_ prefix: String?, _ limit: Int) throws -> ModelReply {
    var all: [String] = []
    var next: String?
    repeat {
      let request =
        "LIST\(prefix.map { " MATCH \($0)" } ?? "")\(next.map { " AFTER \(quoted($0))" } ?? "") LIMIT \(limit)"
      let page = try #require(
        SessionValue(json: String(dialogue.ask(request).dropFirst(3))).objectValue, "\(request)")
      all += page["sessions"]?.arrayValue?.compactMap(\.stringValue) ?? []
      next = page["next"]?.stringValue
    } while next != nil
    return listing(all.map(names.label(ofDaemon:)).filter { $0.hasPrefix(prefix ?? "") })
  }

  // MARK: Words

  private func code(of error: String) -> String { String(error.dropFirst(4).prefix { $0 != " " }) }

  private func word(_ label: String) -> String { quoted(names.daemon(label)) }
  private func words(_ names: [String]) -> String { names.map(quoted).joined(separator: " ") }
  private func quoted(_ name: String) -> String { SessionJSON(string: name).text }
  private func grace(_ milliseconds: Int?) -> String {
    milliseconds.map { " GRACE \(Self.seconds($0))" } ?? ""
  }

  private func options(_ options: ModelOperation.WriteOptions, _ session: String) -> String {
    let version = options.version(lastTold: told[session]?.daemonVersion)
    return (version.map { "IF \($0) " } ?? "")
      + (options.ttlMilliseconds.map { "TTL \(Self.seconds($0)) " } ?? "")
  }

  static func seconds(_ milliseconds: Int) -> String {
    let digits = "\(milliseconds % 1000)"
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }

  private func string(_ json: some StringProtocol) throws -> String {
    try #require(SessionValue(json: String(json)).stringValue)
  }

  private func strings(_ json: some StringProtocol) throws -> [String] {
    try #require(SessionValue(json: String(json)).arrayValue).compactMap(\.stringValue)
  }

  private func end(_ json: some StringProtocol) throws -> (ended: String, at: Int, isBySomebody: Bool) {
    let object = try #require(SessionValue(json: String(json)).objectValue)
    let seconds = try #require(object["at"]?.doubleValue)
    return (
      try #require(object["ended"]?.stringValue), Int((seconds * 1000).rounded()),
      object["uid"] != nil && object["pid"] != nil
    )
  }
}

// For both sides.
extension ModelPair {
  /// In one order, since the sides list in different ones.
  func listing(_ labels: [String]) -> ModelReply { ModelReply("OK \(labels.sorted())") }
}

extension ModelOperation.WriteOptions {
  func version(lastTold: Int?) -> Int? {
    switch condition {
    case .none: nil
    case .new: 0
    case .lastTold: lastTold ?? 0
    case .wrong: 1 << 50
    }
  }
}

extension ModelOperation.MadeUpDump {
  /// - Parameter now: milliseconds since 1970 on this side.
  func text(id: String, now: Int) -> String {
    var members = ["\"session\":\(SessionJSON(string: id).text)"]
    if let version { members.append("\"version\":\(version)") }
    if let ageMilliseconds { members.append("\"created\":\(ModelPair.seconds(now - ageMilliseconds))") }
    if let idleMilliseconds { members.append("\"idle\":\(ModelPair.seconds(idleMilliseconds))") }
    if let remainingMilliseconds {
      members.append("\"expires\":\(ModelPair.seconds(now + remainingMilliseconds))")
    }
    if let tags {
      members.append("\"tags\":[\(tags.map { SessionJSON(string: $0).text }.joined(separator: ","))]")
    }
    if let object { members.append("\"data\":\(object)") }
    return "{\(members.joined(separator: ","))}"
  }
}

extension ModelOperation {
  /// The session whose version a reply tells.
  var toldSession: String? {
    switch self {
    case .set(let session, _, _, _), .setMany(let session, _, _, _), .info(let session), .dump(let session),
      .restore(let session), .restoreMadeUp(let session, _):
      session
    default: nil
    }
  }
}
