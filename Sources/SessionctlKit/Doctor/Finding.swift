import SessionClient

/// Something about a daemon that somebody should look at, in plain words.
package struct Finding: Equatable, Sendable {
  package enum Severity: String, Sendable {
    /// It does harm now, or will when something else happens.
    case trouble
    /// It could be better.
    case hint
  }

  package let check: Check
  package let severity: Severity
  /// What was found, with the numbers.
  package let text: String
  /// What to do about it.
  package let remedy: String

  init(_ check: Check, severity: Severity = .trouble, _ text: String, remedy: String) {
    self.check = check
    self.severity = severity
    self.text = text
    self.remedy = remedy
  }

  var json: SessionValue {
    .object([
      "check": .string(check.rawValue), "severity": .string(severity.rawValue), "text": .string(text),
      "remedy": .string(remedy),
    ])
  }
}
