internal import SessionWire

extension SessionClient {
  /// Makes a session of one line of a dump, just as it stands: for programs that pass dumps on, since the daemon says
  /// what is wrong with it. Otherwise like `restore` with a `SessionDump`.
  ///
  /// - Parameter line: the bytes of one JSON object, without the end of the line.
  /// - Returns: the session's version.
  /// - Throws: also `SessionError.badJSON` and `.syntax` for what is no such object; `.invalidArgument` where it is
  ///   empty, or has a line break inside a string.
  @discardableResult
  nonisolated(nonsending) public func restore(line: [UInt8]) async throws -> Int {
    try await request(.restore, .never) { writer throws(RequestWriter.Refusal) in try writer.value(line) }
      .value(Int.self)
  }
}
