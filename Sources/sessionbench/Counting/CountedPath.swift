import ArgumentParser
import SessionWire

/// The hot paths whose instructions are counted.
enum CountedPath: String, CaseIterable, ExpressibleByArgument {
  /// `GET session key`, a value of 256 bytes out of four.
  case get
  /// `SET session key value`, the same one.
  case set
  /// `MSET` of all four.
  case mset
  /// `GET session`, a session of ten keys.
  case session
  /// `SET` of one value of ten.
  case setTen = "set-ten"
  /// `TOUCH session`.
  case touch
  /// A read out of the mapping: the bytes of the value.
  case bytes
  /// A read out of the mapping, as a `String`.
  case string

  private static let keysMost = 10

  /// Whether the daemon has no part in it.
  var isMapped: Bool { self == .bytes || self == .string }

  /// The number of the first session: those of ten keys are behind those of four, so that each kind stays what it is.
  func firstSession(of sessions: Int) -> Int {
    switch self {
    case .session, .setTen: sessions
    case .get, .set, .mset, .touch, .bytes, .string: 0
    }
  }

  /// The request that makes a session.
  func creation(_ id: String) throws -> [UInt8] {
    switch self {
    case .session, .setTen: try RequestWriter.mset(id, Self.tenFields(id))
    case .get, .set, .mset, .touch, .bytes, .string: try RequestWriter.mset(id, SessionShape.fields(id))
    }
  }

  /// The request that is counted; for a read out of the mapping, the one that asks for the same.
  func request(_ id: String) throws -> [UInt8] {
    switch self {
    case .get, .bytes, .string: return try RequestWriter.get(id, SessionShape.valueKey)
    case .set, .setTen: return try SessionShape.change(id)
    case .mset: return try RequestWriter.mset(id, SessionShape.fields(id))
    case .session: return try RequestWriter.get(id)
    case .touch:
      var writer = RequestWriter(.touch)
      try writer.session(id)
      return writer.line
    }
  }

  private static func tenFields(_ id: String) -> [(key: String, json: String)] {
    let fields = SessionShape.fields(id)
    let small = "\"\(id.prefix(SessionShape.smallBytes))\""
    return fields + (fields.count..<keysMost).map { (key: "item\($0)", json: small) }
  }
}
