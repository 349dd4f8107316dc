public import SessionClient

/// One thing that all implementations of `SessionStoring` do alike.
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// The sentence that it proves.
  public let description: String
  /// The absolute lifetime that the sessions must have.
  public var lifetime: Duration?
  /// Whether it looks at idle times right after reads, which the daemon hears of a moment later when they were
  /// answered out of its memory.
  public var needsPromptSliding = false
  /// Whether it holds only where no other daemon has the same sessions: those that share a server give restored
  /// sessions new versions, and tell nobody of ends by time, which happen in the server.
  public var needsOwnStore = false
  let body: @Sendable (Trial) async throws -> Void

  init(_ description: String, _ body: @escaping @Sendable (Trial) async throws -> Void) {
    self.description = description
    self.body = body
  }

  var notShared: ConformanceCase {
    var new = self
    new.needsOwnStore = true
    return new
  }

  /// - Parameters:
  ///   - sessions: without any session, with an idle time of 10 minutes and the lifetime asked for.
  ///   - advance: lets so much time go by, or more.
  /// - Throws: `Discrepancy`, or what a call threw that should not have.
  public func run(
    on sessions: any SessionStoring, advance: @escaping @Sendable (Duration) async throws -> Void
  ) async throws {
    try await body(Trial(sessions: sessions, advance: advance))
  }

  /// All of them.
  public static var all: [ConformanceCase] {
    reading + writing + refusals + time + identity + tags + dumps + updates + events
  }
}

/// What a case has at its disposal.
struct Trial: Sendable {
  let sessions: any SessionStoring
  let advance: @Sendable (Duration) async throws -> Void

  func expect<Value: Equatable>(_ actual: Value, _ expected: Value, line: Int = #line) throws {
    guard actual == expected else { throw Discrepancy("line \(line): \(actual), and not \(expected)") }
  }

  func expect(_ condition: Bool, _ what: String, line: Int = #line) throws {
    guard condition else { throw Discrepancy("line \(line): not \(what)") }
  }

  /// Expects a call to throw an error of one kind, named as the case of `SessionError` is.
  func refused<Result>(
    _ kind: String, line: Int = #line, _ call: (any SessionStoring) async throws -> Result
  ) async throws {
    let result: Result
    do {
      result = try await call(sessions)
    } catch let error as SessionError {
      let label = Mirror(reflecting: error).children.first?.label ?? "\(error)"
      guard label == kind else { throw Discrepancy("line \(line): \(label) (\(error)), and not \(kind)") }
      return
    }
    throw Discrepancy("line \(line): \(result), and not the error \(kind)")
  }
}

/// What an implementation did in another way.
public struct Discrepancy: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
