import Testing

/// A kind of thing that a client can get wrong in a line, with examples.
///
/// The session `s1` that the lines name has the keys `theme`, `visits`, `most`, `least` and others that
/// `BadInputTests` lists.
struct BadInput: CustomTestStringConvertible {
  let testDescription: String
  let requests: [BadRequest]

  static let all = words + names + json + numbers + bytes

  init(_ name: String, _ code: String, bytes: [[UInt8]]) {
    testDescription = name
    requests = bytes.map { BadRequest($0, code) }
  }

  init(_ name: String, _ code: String, _ lines: [String]) {
    self.init(name, code, bytes: lines.map { Array($0.utf8) })
  }

  /// One request a line.
  init(_ name: String, _ code: String, _ text: String) {
    self.init(name, code, Self.lines(text))
  }

  /// Every form with every filling in the place of its `%`.
  init(_ name: String, _ code: String, forms: [String], filled fillings: [[UInt8]]) {
    var requests: [[UInt8]] = []
    for form in forms {
      let parts = form.split(separator: "%", omittingEmptySubsequences: false)
      for filling in fillings { requests.append(Array(parts[0].utf8) + filling + Array(parts[1].utf8)) }
    }
    self.init(name, code, bytes: requests)
  }

  /// The same, with one filling a line.
  init(_ name: String, _ code: String, forms: [String], filled text: String) {
    self.init(name, code, forms: forms, filled: Self.lines(text).map { Array($0.utf8) })
  }

  private static func lines(_ text: String) -> [String] {
    // CR and LF together are one Character, so a line is cut at the byte.
    text.utf8.split(separator: 10).map { String(decoding: Array($0), as: UTF8.self) }
  }
}
