import Glibc
import SystemCalls

/// Connects to a server and finds out whether it will do.
struct RedisOpening {
  let location: RedisLocation
  let credentials: StoreCredentials?
  /// Nanoseconds.
  let timeout: Int64

  struct Opened: ~Copyable {
    var load: RedisConnection
    var apply: RedisConnection
    var channel: RedisConnection
    var facts: StoreFacts
    /// Under which the server knows the scripts.
    var scripts: RedisStore.ScriptNames
  }

  /// - Parameter seen: the greatest version that this store is known to have given.
  func open(seen: UInt64) throws(StoreError) -> Opened {
    try refuseOtherFiles()
    // First, so that nothing is loaded that the channel would not tell of.
    let channel = try openChannel()
    var load = try connect()
    let report = try report(of: &load)
    var apply = try connect()
    var (facts, scripts) = try begin(&apply, seen: seen)
    facts.remark = report.remark
    return Opened(load: load, apply: apply, channel: channel, facts: facts, scripts: scripts)
  }

  /// A server that is down has left its socket, or nothing; anything else will never be one.
  private func refuseOtherFiles() throws(StoreError) {
    var status = stat()
    guard case .unix(let path) = location.endpoint, stat(path, &status) == 0,
      status.st_mode & S_IFMT != S_IFSOCK
    else { return }
    throw .unfit("\(location): it is no socket")
  }

  private func connect() throws(StoreError) -> RedisConnection {
    var connection: RedisConnection
    do throws(RedisFailure) {
      connection = try RedisConnection.connecting(to: location.endpoint, timeout: timeout)
    } catch { throw error.asStoreError(of: location) }
    if let credentials { try authenticate(&connection, credentials) }
    if location.database != 0 {
      try ask(&connection, RedisCommand("SELECT", String(location.database)))
    }
    return connection
  }

  /// The server's words are kept back: to a command that it does not know it answers with its arguments.
  private func authenticate(
    _ connection: inout RedisConnection, _ credentials: StoreCredentials
  ) throws(StoreError) {
    var command = RedisCommand("AUTH")
    if let user = location.user ?? credentials.user { command.append(user) }
    command.append(credentials.password)
    let reply = try exchange(&connection, command)
    guard case .error(let text) = reply else { return }
    let refusal = RedisRefusal(text)
    switch refusal.kind {
    case .passing, .elsewhere: throw unavailable("it is not ready to check the password")
    default: throw .unfit("\(location): it refuses the user or the password")
    }
  }

  private func report(of connection: inout RedisConnection) throws(StoreError) -> ServerReport {
    let reply = try exchange(&connection, RedisCommand("INFO"))
    var text = reply.text ?? ""
    if case .error(let words) = reply {
      let refusal = RedisRefusal(words)
      // Whoever may not ask this may still be allowed what counts.
      guard refusal.kind == .other || words.hasPrefix("NOPERM") else { throw error(refusal) }
      text = ""
    }
    let report = ServerReport(text)
    if report.isLoading { throw unavailable("LOADING: it reads its data") }
    if report.isCluster {
      throw .unfit("\(location): it is a node of a Redis Cluster; one server is wanted")
    }
    if report.isReplica {
      throw unavailable("READONLY: it is a replica; the one that takes writes is wanted")
    }
    return report
  }

  /// Tracking is redirected to the connection itself: so it ends only together with what is listened to.
  private func openChannel() throws(StoreError) -> RedisConnection {
    var connection = try connect()
    guard case .integer(let number) = try ask(&connection, RedisCommand("CLIENT", "ID")) else {
      throw unavailable("it answers what it was not asked")
    }
    let tracking = RedisCommand(
      "CLIENT", "TRACKING", "ON", "REDIRECT", String(number), "BCAST", "PREFIX", "\(location.prefix):s:")
    let reply = try exchange(&connection, tracking)
    if case .error(let text) = reply {
      let refusal = RedisRefusal(text)
      guard refusal.kind == .other else { throw error(refusal) }
      throw .unfit("\(location): it is too old: it has no CLIENT TRACKING (Redis 6, Valkey): \(text)")
    }
    try subscribe(&connection, to: "__redis__:invalidate")
    try subscribe(&connection, to: "\(location.prefix):changes")
    return connection
  }

  /// Messages that come already concern nothing that was loaded.
  private func subscribe(_ connection: inout RedisConnection, to name: String) throws(StoreError) {
    var refusal: RedisRefusal?
    do throws(RedisFailure) {
      try connection.send([RedisCommand("SUBSCRIBE", name)])
      try connection.await { reply in
        if case .error(let text) = reply { refusal = RedisRefusal(text) }
        let parts = reply.elements
        return refusal != nil || (parts?.prefix(2).map(\.text) == ["subscribe", name])
      }
    } catch { throw error.asStoreError(of: location) }
    if let refusal { throw error(refusal) }
  }

  private func begin(
    _ connection: inout RedisConnection, seen: UInt64
  ) throws(StoreError) -> (StoreFacts, RedisStore.ScriptNames) {
    let candidate: UInt64
    do throws(SystemCallError) { candidate = try randomWord() | 1 } catch { throw unavailable("\(error)") }
    var command = RedisScript.begin.evaluated(key: Array("\(location.prefix):store".utf8))
    command.append(candidate)
    command.append(seen)
    let reply = try ask(&connection, command)
    guard let words = reply.elements?.map(\.text), words.count == 3,
      let id = words[0].flatMap({ UInt64($0) }),
      id != 0, let version = words[1].flatMap({ UInt64($0) })
    else { throw .unfit("\(location): \(location.prefix):store is not what sessiond has written") }
    guard words[2] == "1" else { throw .unfit("\(location): its sessions are in a newer format") }
    guard version < RedisValue.versionBound - 1 << 32 else {
      throw .unfit("\(location): there are no more versions to give")
    }
    let names = try (
      ask(&connection, RedisScript.change.loading).bytes, ask(&connection, RedisScript.tagged.loading).bytes
    )
    guard let change = names.0, let tagged = names.1 else {
      throw unavailable("it answers what it was not asked")
    }
    return (
      StoreFacts(id: id, lastVersion: version), RedisStore.ScriptNames(change: change, tagged: tagged)
    )
  }

  @discardableResult
  private func ask(
    _ connection: inout RedisConnection, _ command: RedisCommand
  ) throws(StoreError) -> RedisReply {
    let reply = try exchange(&connection, command)
    if case .error(let text) = reply { throw error(RedisRefusal(text)) }
    return reply
  }

  private func exchange(
    _ connection: inout RedisConnection, _ command: RedisCommand
  ) throws(StoreError) -> RedisReply {
    do throws(RedisFailure) { return try connection.exchange([command])[0] } catch {
      throw error.asStoreError(of: location)
    }
  }

  private func unavailable(_ reason: String) -> StoreError {
    .unavailable("\(location): \(reason)", isDecided: true)
  }

  private func error(_ refusal: RedisRefusal) -> StoreError {
    switch refusal.kind {
    case .script, .passing, .elsewhere: unavailable(refusal.text)
    case .credentials where refusal.text.hasPrefix("NOAUTH"):
      .unfit("\(location): it wants a password, and has got none")
    case .credentials, .other: .unfit("\(location): \(refusal.text)")
    }
  }
}
