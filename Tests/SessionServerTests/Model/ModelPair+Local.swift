import SessionClient

// What `LocalSessions` answers.
extension ModelPair {
  func localReply(to operation: ModelOperation) async throws -> ModelReply {
    do {
      return try await answer(operation)
    } catch let error as SessionError {
      switch error {
      case .conflict(let version): return ModelReply(error: "conflict", conflictVersion: version)
      case .revoked: return ModelReply(error: "revoked")
      case .type: return ModelReply(error: "type")
      case .tooLarge: return ModelReply(error: "too-large")
      // What a client does not even send, the daemon would not understand.
      case .syntax, .invalidName, .invalidArgument: return ModelReply(error: "syntax")
      default: throw error
      }
    }
  }

  private func answer(_ operation: ModelOperation) async throws -> ModelReply {
    switch operation {
    case .get, .peek, .getMany, .exists, .timeToLive, .info, .why, .dump: try await read(operation)
    case .set, .setMany, .delete, .deleteKeys, .increment, .expire, .touch: try await change(operation)
    case .create, .rename, .renameAnew, .revoke, .revokeAll, .tag, .untag, .tagged:
      try await identity(operation)
    case .restore, .restoreMadeUp, .list, .flush: try await administration(operation)
    case .countSessions, .advance, .sweep: preconditionFailure("is no request")
    }
  }

  private func read(_ operation: ModelOperation) async throws -> ModelReply {
    switch operation {
    case .get(let session, nil): return json(try await local.get(id(session), as: SessionJSON.self))
    case .get(let session, let key?): return json(try await local.get(id(session), key, as: SessionJSON.self))
    case .peek(let session, nil): return json(try await local.peek(id(session), as: SessionJSON.self))
    case .peek(let session, let key?):
      return json(try await local.peek(id(session), key, as: SessionJSON.self))
    case .getMany(let session, let keys):
      return json(try await local.getMany(id(session), keys, as: SessionJSON.self))
    case .exists(let session): return ModelReply("OK \(try await local.exists(id(session)))")
    case .timeToLive(let session):
      guard let left = try await local.ttl(id(session)) else { return ModelReply("NIL") }
      return ModelReply("OK \(Int((left / .milliseconds(1)).rounded())) ms")
    case .info(let session):
      var reply = json(try await local.info(id(session), as: SessionJSON.self))
      reply.takeOut(version: "version")
      reply.takeOut(time: "created")
      return reply
    case .why(let session):
      guard let end = try await local.why(id(session)) else { return ModelReply("NIL") }
      var reply = ModelReply(
        "OK \(end.ended.rawValue) {time}\(end.uid == nil || end.pid == nil ? "" : " by somebody")")
      reply.times = [Int((end.at * 1000).rounded())]
      return reply
    case .dump(let session):
      let dump = try await local.dump(id(session), as: SessionJSON.self)
      if let dump { told[session, default: Told()].localDump = dump.text }
      var reply = json(dump)
      reply.replace(SessionJSON(string: id(session)).text, with: SessionJSON(string: session).text)
      reply.takeOut(version: "version")
      reply.takeOut(time: "created")
      reply.takeOut(time: "expires")
      return reply
    default: preconditionFailure("is no read")
    }
  }

  private func change(_ operation: ModelOperation) async throws -> ModelReply {
    switch operation {
    case .set(let session, let key, let value, let options):
      return ModelReply(
        version: try await local.set(
          id(session), key, try SessionJSON(value), ifVersion: condition(options, session), ttl: ttl(options))
      )
    case .setMany(let session, let object, let dropped, let options):
      return ModelReply(
        version: try await local.setMany(
          id(session), fieldsOf: try SessionJSON(object), removing: dropped,
          ifVersion: condition(options, session), ttl: ttl(options)))
    case .delete(let session): return ModelReply("OK \(try await local.delete(id(session)) ? 1 : 0)")
    case .deleteKeys(let session, let keys):
      return ModelReply("OK \(try await local.delete(id(session), keys: keys))")
    case .increment(let session, let key, let amount):
      return ModelReply("OK \(try await local.increment(id(session), key, by: amount))")
    case .expire(let session, let milliseconds):
      return ModelReply("OK \(try await local.expire(id(session), after: .milliseconds(milliseconds)))")
    case .touch(let sessions): return ModelReply("OK \(try await local.touch(sessions.map(id)))")
    default: preconditionFailure("is no change")
    }
  }

  private func identity(_ operation: ModelOperation) async throws -> ModelReply {
    switch operation {
    case .create(let label, let object, let milliseconds):
      let new = try await local.create(
        fieldsOf: try SessionJSON(object ?? "{}"), ttl: milliseconds.map { .milliseconds($0) })
      names.set(local: new, for: label)
      return ModelReply("OK \(label)")
    case .rename(let session, let new, let grace):
      let given = try await local.rename(id(session), to: id(new), grace: grace.map { .milliseconds($0) })
      return ModelReply(given.map { "OK \(names.label(ofLocal: $0))" } ?? "NIL")
    case .renameAnew(let session, let label, let grace):
      let given = try await local.rename(id(session), to: nil, grace: grace.map { .milliseconds($0) })
      guard let given else { return ModelReply("NIL") }
      names.set(local: given, for: label)
      return ModelReply("OK \(label)")
    case .revoke(let sessions): return ModelReply("OK \(try await local.revoke(sessions.map(id)))")
    case .revokeAll(let tag): return ModelReply("OK \(try await local.revokeAll(tagged: tag))")
    case .tag(let session, let tags): return count(try await local.tag(id(session), tags))
    case .untag(let session, let tags): return count(try await local.untag(id(session), tags))
    case .tagged(let tag, let limit):
      var all: [String] = []
      var page: [String]
      repeat {
        page = try await local.tagged(tag, after: all.last, limit: limit)
        all += page
      } while page.count == limit
      return listing(all.map(names.label(ofLocal:)))
    default: preconditionFailure("is nothing about ids")
    }
  }

  private func administration(_ operation: ModelOperation) async throws -> ModelReply {
    switch operation {
    case .restore(let session):
      guard let dump = told[session]?.localDump else { return ModelReply("nothing to restore") }
      return ModelReply(version: try await local.restore(try SessionJSON(dump)))
    case .restoreMadeUp(let session, let dump):
      let text = dump.text(id: id(session), now: localWallClock)
      return ModelReply(version: try await local.restore(try SessionJSON(text)))
    case .list(let prefix, let limit):
      var all: [String] = []
      var next: String?
      repeat {
        let page = try await local.list(prefix: prefix, after: next, limit: limit)
        all += page.sessions
        next = page.next
      } while next != nil
      return listing(all.map(names.label(ofLocal:)).filter { $0.hasPrefix(prefix ?? "") })
    case .flush: return ModelReply("OK \(try await local.flush())")
    default: preconditionFailure("is nothing for an admin")
    }
  }

  private func id(_ label: String) -> String { names.local(label) }
  private func json(_ json: SessionJSON?) -> ModelReply { ModelReply(json.map { "OK \($0.text)" } ?? "NIL") }
  private func count(_ count: Int?) -> ModelReply { ModelReply(count.map { "OK \($0)" } ?? "NIL") }

  private func ttl(_ options: ModelOperation.WriteOptions) -> Duration? {
    options.ttlMilliseconds.map { .milliseconds($0) }
  }

  private func condition(_ options: ModelOperation.WriteOptions, _ session: String) -> Int? {
    options.version(lastTold: told[session]?.localVersion)
  }
}
