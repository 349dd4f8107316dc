/// Builds one request line of the protocol as bytes, ready to be sent.
///
/// The writer is pure, and refuses what the protocol does not allow before anything is sent, so that
/// no id, key or value, whatever it holds, can end a line early or pass for an option.
///
///     var request = RequestWriter(.set)
///     try request.session("s1")
///     try request.key("theme")
///     try request.timeToLive(.seconds(60))
///     try request.value(#""dark""#.utf8)
///     request.line  // SET s1 theme TTL 60 "dark"\n
public struct RequestWriter: Sendable {
  private var bytes: [UInt8]

  public init(_ command: Command) {
    bytes = []
    bytes.reserveCapacity(64)
    bytes.append(contentsOf: command.name.utf8)
  }

  /// The whole request line with its line feed.
  public var line: [UInt8] {
    var line = bytes
    line.append(UInt8(ascii: "\n"))
    return line
  }

  /// Adds a session id: 1 to 255 bytes of UTF-8 without control characters.
  public mutating func session(_ id: String) throws(Refusal) {
    try name(id, .session)
  }

  /// Adds a key: 1 to 255 bytes of UTF-8 without control characters.
  public mutating func key(_ key: String) throws(Refusal) {
    try name(key, .key)
  }

  /// Adds a tag: 1 to 255 bytes of UTF-8 without control characters.
  public mutating func tag(_ tag: String) throws(Refusal) {
    try name(tag, .tag)
  }

  /// Adds the option `IF`: the request is executed only if the session has this version, and with 0
  /// only if there is no such session.
  public mutating func ifVersion(_ version: Int) throws(Refusal) {
    guard version >= 0 else { throw .negativeVersion(version) }
    bytes.append(contentsOf: " IF ".utf8)
    bytes.append(contentsOf: String(version).utf8)
  }

  /// Adds the option `TTL`: the session's own idle time from now on. 1 ms to 10 years; parts of a
  /// millisecond are rounded up.
  public mutating func timeToLive(_ duration: Duration) throws(Refusal) {
    bytes.append(contentsOf: " TTL".utf8)
    try seconds(duration)
  }

  /// Adds a time to live as a word: seconds with up to three decimals.
  public mutating func seconds(_ duration: Duration) throws(Refusal) {
    guard duration > .zero, duration <= .nanoseconds(Limits.ttlNanoseconds.upperBound) else {
      throw .timeToLiveOutOfRange(duration)
    }
    let (seconds, attoseconds) = duration.components
    let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
    var milliseconds = attoseconds / attosecondsPerMillisecond
    if attoseconds % attosecondsPerMillisecond != 0 { milliseconds += 1 }
    let total = seconds * 1000 + milliseconds
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: String(total / 1000).utf8)
    let fraction = total % 1000
    if fraction != 0 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: String(1000 + fraction).utf8.dropFirst())
    }
  }

  /// Adds the option `DROP`: this key is removed in the same change.
  public mutating func drop(_ key: String) throws(Refusal) {
    bytes.append(contentsOf: " DROP".utf8)
    try name(key, .key)
  }

  /// Adds the option `GRACE`: how long the old id of a session stays readable. 1 ms to 10 years; parts of a
  /// millisecond are rounded up.
  public mutating func grace(_ duration: Duration) throws(Refusal) {
    bytes.append(contentsOf: " GRACE".utf8)
    try seconds(duration)
  }

  /// Adds the word `*`: every session.
  public mutating func everySession() {
    bytes.append(contentsOf: " *".utf8)
  }

  /// Adds the option `SINCE`: the events behind the one of this number, the last thing on the line.
  public mutating func since(_ event: UInt64) {
    bytes.append(contentsOf: " SINCE ".utf8)
    bytes.append(contentsOf: String(event).utf8)
  }

  /// Adds a whole number as a word.
  public mutating func number(_ number: Int) {
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Adds the option `MATCH`: only ids that begin with this prefix, which has the same limits as an id.
  public mutating func match(prefix: String) throws(Refusal) {
    bytes.append(contentsOf: " MATCH".utf8)
    try name(prefix, .prefix)
  }

  /// Adds the option `AFTER`: go on behind this id.
  public mutating func after(_ id: String) throws(Refusal) {
    bytes.append(contentsOf: " AFTER".utf8)
    try name(id, .session)
  }

  /// Adds the option `LIMIT`: how many at most.
  public mutating func limit(_ count: Int) {
    bytes.append(contentsOf: " LIMIT".utf8)
    number(count)
  }

  /// Adds the value, which must be one JSON value and the last thing on the line.
  ///
  /// Line breaks between the tokens of the value become spaces. One inside a string is no JSON, and is
  /// refused here since it would end the line. Whether the rest is JSON, the daemon judges.
  public mutating func value(_ json: some Sequence<UInt8>) throws(Refusal) {
    bytes.append(UInt8(ascii: " "))
    let start = bytes.count
    bytes.append(contentsOf: json)
    guard bytes.count > start else { throw .emptyValue }
    guard let lineBreak = bytes[start...].firstIndex(where: Self.isLineBreak) else { return }
    try replaceLineBreaks(inValueAt: start, from: lineBreak)
  }

  private static func isLineBreak(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private mutating func replaceLineBreaks(
    inValueAt start: Int, from firstLineBreak: Int
  ) throws(Refusal) {
    var insideString = false
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if Self.isLineBreak(byte) {
        if insideString { throw .lineBreakInString(at: index - start) }
        bytes[index] = UInt8(ascii: " ")
      } else if byte == UInt8(ascii: "\"") {
        insideString.toggle()
      } else if insideString, byte == UInt8(ascii: "\\") {
        // The escaped byte can't end the string, but a line break after a backslash is one still.
        let next = index + 1
        if next < bytes.count, !Self.isLineBreak(bytes[next]) { index = next }
      }
      index += 1
    }
  }

  private mutating func name(_ name: String, _ role: Role) throws(Refusal) {
    let utf8 = name.utf8
    guard !utf8.isEmpty else { throw .empty(role) }
    guard utf8.count <= Limits.nameBytes else { throw .tooLong(role, bytes: utf8.count) }
    var needsQuotes = Self.isReserved(name)
    var previous: UInt8 = 0
    for byte in utf8 {
      // C0, DEL, and C1, which in UTF-8 is C2 followed by 80 to 9F.
      if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) {
        throw .controlCharacter(role)
      }
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"") { needsQuotes = true }
      previous = byte
    }
    bytes.append(UInt8(ascii: " "))
    if needsQuotes {
      Self.appendString(name, to: &bytes)
    } else {
      bytes.append(contentsOf: utf8)
    }
  }

  /// Whether a bare word means something else where a session id is wanted.
  private static func isReserved(_ name: String) -> Bool {
    switch name.utf8.count {
    case 1: return name == "*"
    case 5:
      let word = name.uppercased()
      return word == "GRACE" || word == "SINCE"
    default: return false
    }
  }

  /// Appends a text as a JSON string in quotes, escaping only what JSON says must be escaped.
  public static func appendString(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case UInt8(ascii: "\n"):
        bytes.append(contentsOf: #"\n"#.utf8)
      case UInt8(ascii: "\r"):
        bytes.append(contentsOf: #"\r"#.utf8)
      case UInt8(ascii: "\t"):
        bytes.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20:
        bytes.append(contentsOf: #"\u00"#.utf8)
        bytes.append(UInt8(ascii: "0") + (byte >> 4))
        let low = byte & 15
        bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
      default:
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension RequestWriter {
  /// What a refused word was meant to be.
  public enum Role: String, Sendable {
    case session = "session id"
    case key = "key"
    case tag = "tag"
    case prefix = "prefix"
  }

  /// Why a request can't be written. Nothing was sent.
  public enum Refusal: Error, Equatable, Sendable {
    case empty(Role)
    case tooLong(Role, bytes: Int)
    case controlCharacter(Role)
    case negativeVersion(Int)
    case timeToLiveOutOfRange(Duration)
    case emptyValue
    case lineBreakInString(at: Int)
  }
}

extension RequestWriter.Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty(let role):
      "The \(role.rawValue) is empty; it takes 1 to \(Limits.nameBytes) bytes."
    case .tooLong(let role, let bytes):
      "The \(role.rawValue) has \(bytes) bytes; at most \(Limits.nameBytes) are allowed."
    case .controlCharacter(let role):
      "The \(role.rawValue) holds a control character; none are allowed."
    case .negativeVersion(let version):
      "The version \(version) is negative; versions start at 1, and 0 means that there is no such session."
    case .timeToLiveOutOfRange(let duration):
      "The time to live of \(duration) is out of range; it takes 1 ms to 315360000 s (10 years)."
    case .emptyValue:
      "The value is empty; it takes one JSON value."
    case .lineBreakInString(let offset):
      "The value has a line break inside a string at byte \(offset), which JSON writes as \\n."
    }
  }
}
