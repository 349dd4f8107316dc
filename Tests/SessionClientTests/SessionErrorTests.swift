import SessionWire
import Testing

@testable import SessionClient

@Suite struct SessionErrorTests {
  @Test("every code of the protocol has its error")
  func codes() {
    let pairs: [(SessionError, SessionError)] = [
      (.init(.conflict, "current version 3", conflictVersion: 3), .conflict(currentVersion: 3)),
      (.init(.full, "t", conflictVersion: nil), .full("t")),
      (.init(.denied, "t", conflictVersion: nil), .denied("t")),
      (.init(.tooLarge, "t", conflictVersion: nil), .tooLarge("t")),
      (.init(.badJSON, "t", conflictVersion: nil), .badJSON("t")),
      (.init(.type, "t", conflictVersion: nil), .type("t")),
      (.init(.revoked, "t", conflictVersion: nil), .revoked("t")),
      (.init(.limit, "t", conflictVersion: nil), .limit("t")),
      (.init(.unavailable, "t", conflictVersion: nil), .storeUnavailable("t")),
      (.init(.stopping, "t", conflictVersion: nil), .stopping("t")),
      (.init(.syntax, "t", conflictVersion: nil), .syntax("t")),
      (.init(.unknown, "t", conflictVersion: nil), .unknownCommand("t")),
      (.init(.init(rawValue: "new"), "t", conflictVersion: nil), .refused(code: "new", "t")),
      (
        .init(.conflict, "odd", conflictVersion: nil),
        .protocolViolation("a conflict without a version: odd", mayHaveBeenApplied: false)
      ),
    ]
    for (error, expected) in pairs { #expect(error == expected) }
  }

  @Test("every error is a sentence, and those in doubt say so")
  func descriptions() {
    let errors: [SessionError] = [
      .conflict(currentVersion: 0), .conflict(currentVersion: 8), .full("a"), .denied("a"), .tooLarge("a"),
      .badJSON("a"), .type("a"), .revoked("a"), .limit("a"), .storeUnavailable("a"), .stopping("a"),
      .storeUnavailable("a; \(ErrorCode.undecidedMark)"), .syntax("a"),
      .unknownCommand("a"), .refused(code: "x", ""), .unavailable(socket: "/s", reason: "r"),
      .disconnected(mayHaveBeenApplied: true), .timedOut(mayHaveBeenApplied: false),
      .protocolViolation("a", mayHaveBeenApplied: true), .closed, .tooManyRequests(limit: 3),
      .invalidName("A b."),
      .invalidArgument("C d."), .encoding("a"), .decoding("a"),
    ]
    for error in errors {
      #expect(error.description.hasSuffix("."))
      #expect(
        error.description.contains("may have been applied") == (error.mayHaveBeenApplied && !error.isDecoding)
      )
    }
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors[15].description.contains("/s: r"))
  }
}

extension SessionError {
  fileprivate var isDecoding: Bool {
    if case .decoding = self { true } else { false }
  }
}
