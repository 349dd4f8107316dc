internal import SessionWire

/// What is said on a connection that watches: WATCH, its reply, and events. Pure: lines in, steps out.
///
/// It lasts for a whole iteration, over all of its connections, since it knows how far that has come.
struct WatchDialogue {
  /// What a line means.
  enum Step: Equatable {
    /// The daemon watches. The number is that of the last event there was.
    case began(Int)
    case event(SessionEvent)
    /// To be sent next.
    case ask([UInt8])
    /// This connection is over; the next one goes on behind the last event. The reason is for whoever does
    /// not want to wait for that.
    case reconnect(SessionError)
    /// It makes no sense to go on.
    case fail(SessionError)
  }

  /// The ids; nothing: all sessions.
  private let ids: [String]?
  /// The number of the last event that came, or of the one to begin behind.
  private(set) var last: Int?
  /// WATCH was sent, and its reply has not come.
  private var awaitsReply = false
  /// The daemon knows of no event of the number that was known: it is another daemon, or another time.
  private var isLost = false

  /// - Throws: `SessionError.invalidName`, `.invalidArgument`.
  init(_ ids: [String]?, since last: Int?) throws(SessionError) {
    self.ids = ids
    self.last = last
    if let ids, ids.isEmpty { throw .invalidArgument("There is no session to watch.") }
    if let last, last < 0 { throw .invalidArgument("No event has the number \(last).") }
    _ = try request()
  }

  /// The first line on a new connection.
  mutating func connected() throws(SessionError) -> [UInt8] {
    awaitsReply = true
    return try request()
  }

  private func request() throws(SessionError) -> [UInt8] {
    var writer = RequestWriter(.watch)
    do throws(RequestWriter.Refusal) {
      for id in ids ?? [] { try writer.session(id) }
    } catch {
      throw SessionError(error)
    }
    if ids == nil { writer.everySession() }
    if let last, !isLost { writer.since(UInt64(last)) }
    return writer.line
  }

  /// Takes a line that came; nothing is to be done about some.
  mutating func take(_ line: ArraySlice<UInt8>) -> [Step] {
    do throws(SessionError) {
      if let json = ReplyLine.event(in: line) {
        guard !awaitsReply else { throw Self.violation("an event came before the reply to WATCH") }
        return try take(event: Array(json))
      }
      return try take(reply: line)
    } catch {
      return [.fail(error)]
    }
  }

  private static func violation(_ what: String) -> SessionError {
    .protocolViolation(what, mayHaveBeenApplied: false)
  }

  private mutating func take(event json: [UInt8]) throws(SessionError) -> [Step] {
    let value = try Self.read(json)
    guard let sequence = value["seq"]?.intValue, let kind = value["event"]?.stringValue else {
      throw Self.violation("an event without its number or its kind")
    }
    last = sequence
    return [
      .event(
        SessionEvent(
          sequence: sequence, kind: .init(rawValue: kind), session: value["session"]?.stringValue,
          version: value["version"]?.intValue, newSession: value["to"]?.stringValue))
    ]
  }

  private static func read(_ json: [UInt8]) throws(SessionError) -> SessionValue {
    do throws(SessionError) {
      return try JSONReader.read(json)
    } catch {
      throw violation("no JSON in the place of it")
    }
  }

  private mutating func take(reply line: ArraySlice<UInt8>) throws(SessionError) -> [Step] {
    let reply: ReplyLine
    do throws(ReplyLine.Malformed) {
      reply = try ReplyLine(parsing: line)
    } catch {
      throw Self.violation(error.description)
    }
    switch reply {
    case .refused(let code, let text): return try take(refusal: code, text)
    case .value(let json):
      guard awaitsReply, let sequence = try Self.read(json).intValue else {
        throw Self.violation("a reply that nobody asked for")
      }
      awaitsReply = false
      guard isLost else {
        last = last ?? sequence
        return [.began(sequence)]
      }
      isLost = false
      last = sequence
      return [.began(sequence), .event(SessionEvent(sequence: sequence, kind: .missed))]
    case .done, .none: throw Self.violation("no number in the reply to WATCH")
    }
  }

  private mutating func take(refusal code: ErrorCode, _ text: String) throws(SessionError) -> [Step] {
    switch code {
    // The first line of a connection that the daemon does not take, or the last one of a watcher that was too
    // slow; or the daemon is going down.
    case .limit, .stopping:
      return [.reconnect(SessionError(code, text, conflictVersion: nil))]
    case .unknown where awaitsReply && last != nil && !isLost:
      isLost = true
      return [.ask(try request())]
    default:
      throw SessionError(code, text, conflictVersion: nil)
    }
  }
}
