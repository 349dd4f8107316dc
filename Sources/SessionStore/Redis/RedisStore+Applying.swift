import SystemCalls

extension RedisStore {
  /// With one wait go so many changes, or fewer if they are large.
  private static let changesPerWait = 256
  private static let bytesPerWait = 4 << 20

  public func apply(_ changes: [StoreChange], sync: Bool) throws(StoreError) -> [StoreOutcome] {
    var outcomes: [StoreOutcome] = []
    outcomes.reserveCapacity(changes.count)
    let terms = terms
    let now = clock.wallClock()
    var index = 0
    while index < changes.count {
      var commands: [RedisCommand] = []
      var bytes = 0
      while index < changes.count, commands.count < Self.changesPerWait, bytes < Self.bytesPerWait {
        var command = RedisScript.change.called(terms.names.change, key: key("store", []))
        add(changes[index], terms, now, to: &command)
        bytes += command.bytes.count
        commands.append(command)
        index += 1
      }
      do throws(StoreError) {
        outcomes += try run(commands)
      } catch {
        guard case .unavailable(let reason, isDecided: true) = error else { throw error }
        // Nothing of this was sent, and of what went before it is known what became of it.
        outcomes += Array(repeating: StoreOutcome.refused(reason), count: changes.count - outcomes.count)
        index = changes.count
      }
    }
    if let reason = outcomes.first?.refusal, outcomes.allSatisfy({ $0.refusal != nil }) {
      throw .unavailable(reason, isDecided: true)
    }
    for case .done(let version) in outcomes { note(version: version) }
    return outcomes
  }

  /// Runs scripts. Those that the server has forgotten are loaded and run again, behind the others.
  ///
  /// - Throws: if nobody knows what was made; or, decided, if nothing was sent. Then the connection is given up.
  private func run(_ commands: [RedisCommand]) throws(StoreError) -> [StoreOutcome] {
    var replies = try applying.exchange(commands)
    let forgotten = replies.indices.filter { Self.isForgotten(replies[$0]) }
    if !forgotten.isEmpty {
      let again: [RedisReply]
      do throws(StoreError) {
        again = try applying.exchange([RedisScript.change.loading] + forgotten.map { commands[$0] })
      } catch {
        // The others were run.
        guard forgotten.count == replies.count else {
          throw .unavailable(error.description, isDecided: false)
        }
        throw error
      }
      for (index, reply) in zip(forgotten, again.dropFirst()) { replies[index] = reply }
    }
    return try read(replies)
  }

  /// What became of each is known, or nothing is believed.
  private func read(_ replies: [RedisReply]) throws(StoreError) -> [StoreOutcome] {
    var read: [StoreOutcome] = []
    var doubtful: RedisReply?
    for reply in replies {
      switch reply {
      case .integer(-1): read.append(.conflict)
      case .integer(let version) where version >= 0 && version < RedisValue.versionBound:
        read.append(.done(version: UInt64(version)))
      case .error(let text) where RedisRefusal(text).isDecided:
        read.append(.refused(failure(reply, on: applying).description))
      default: doubtful = doubtful ?? reply
      }
    }
    guard let doubtful else { return read }
    throw failure(doubtful, on: applying, isDecided: false)
  }

  private static func isForgotten(_ reply: RedisReply) -> Bool {
    if case .error(let text) = reply { RedisRefusal(text).kind == .script } else { false }
  }

  private func add(_ change: StoreChange, _ terms: Terms, _ now: Int64, to command: inout RedisCommand) {
    let word =
      switch change {
      case .save: "save"
      case .remove: "remove"
      case .extend: "extend"
      case .rename: "rename"
      }
    command.append(word)
    command.append(terms.storeID)
    command.append(terms.origin)
    command.append(key("", []))
    command.append(now)
    command.append(change.id)
    switch change {
    case .save(let record, let replacing, let ttl):
      command.append(replacing.map { String($0) } ?? "")
      command.append(ttl.map { String($0) } ?? "")
      command.append(record.version)
      add(record, to: &command)
    case .remove(_, let replacing):
      command.append(replacing.map { String($0) } ?? "")
    case .extend(_, let version, let ttl, let deadline):
      command.append(version)
      command.append(ttl.map { String($0) } ?? "")
      command.append(RedisValue.deadline(deadline))
    case .rename(let ending, let session, let replacing, let ttl):
      command.append(replacing)
      command.append(ttl.map { String($0) } ?? "")
      command.append(max(ending.version, session.version))
      add(ending, to: &command)
      command.append(session.id)
      add(session, to: &command)
    }
  }

  private func add(_ record: StoredRecord, to command: inout RedisCommand) {
    command.append(RedisValue.deadline(record.deadline))
    command.append(RedisValue.rest(of: record))
  }
}
