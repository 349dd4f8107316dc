/// Looking into replies without a JSON library.
extension String {
  /// The number of the first member of that name, as in `"sessions":3`.
  func number(_ member: String) throws -> Double {
    let name = "\"\(member)\":"
    guard let found = firstRange(of: name) else { throw Failure("no \(member) in \(self)") }
    let digits = self[found.upperBound...].prefix { $0.isNumber || "+-.eE".contains($0) }
    guard let number = Double(digits) else { throw Failure("\(member) is no number in \(self)") }
    return number
  }

  /// The version that a write answered with.
  var version: UInt64 {
    get throws {
      guard hasPrefix("OK "), let version = UInt64(dropFirst(3)) else { throw Failure("no version: \(self)") }
      return version
    }
  }

  /// The number in `OK 583.2`.
  var okNumber: Double {
    get throws {
      guard hasPrefix("OK "), let number = Double(dropFirst(3)) else { throw Failure("no number: \(self)") }
      return number
    }
  }

  /// The code of an `ERR` reply, or nil of any other.
  var errorCode: String? {
    guard hasPrefix("ERR ") else { return nil }
    return dropFirst(4).split(separator: " ", maxSplits: 1).first.map(String.init)
  }

  /// Whether this is a reply that the protocol knows, on one line.
  var isReply: Bool {
    self == "OK" || hasPrefix("OK ") || self == "NIL"
      || (errorCode.map { $0.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 } } ?? false)
  }
}
