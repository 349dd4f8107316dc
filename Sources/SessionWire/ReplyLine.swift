/// One reply of the daemon: `OK`, `OK <json>`, `NIL` or `ERR <code> <text>`.
public enum ReplyLine: Equatable, Sendable {
  /// `OK` without a value.
  case done
  /// `OK <json>`: the bytes of the value just as they came.
  case value([UInt8])
  /// `NIL`: there is no such session or key.
  case none
  /// `ERR <code> <text>`: refused, and not executed.
  case refused(ErrorCode, text: String)

  /// Why a line is no reply.
  public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
    /// The beginning of the line, as far as it is fit to be shown.
    public let excerpt: String

    public var description: String { "no reply of this protocol: \"\(excerpt)\"" }
  }

  /// At most this many bytes of a malformed line are shown.
  private static let excerptBytesMax = 40

  /// Reads one line, given without its line feed.
  public init(parsing line: ArraySlice<UInt8>) throws(Malformed) {
    if line.starts(with: "OK".utf8) {
      let rest = line.dropFirst(2)
      if rest.isEmpty {
        self = .done
        return
      }
      if rest.first == UInt8(ascii: " "), rest.count > 1 {
        self = .value([UInt8](rest.dropFirst()))
        return
      }
    } else if line.elementsEqual("NIL".utf8) {
      self = .none
      return
    } else if line.starts(with: "ERR ".utf8) {
      let rest = line.dropFirst(4)
      let code = rest.prefix { $0 != UInt8(ascii: " ") }
      if !code.isEmpty {
        let text = rest[code.endIndex...].dropFirst()
        self = .refused(
          ErrorCode(rawValue: String(decoding: code, as: UTF8.self)),
          text: String(decoding: text, as: UTF8.self))
        return
      }
    }
    let shown = line.prefix(Self.excerptBytesMax).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    throw Malformed(excerpt: String(decoding: shown, as: UTF8.self))
  }

  /// The JSON text of an event's line, `EVENT <json>`, given without its line feed; nothing for every other
  /// line. An event is no reply: it comes between replies, on a connection that watches.
  public static func event(in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let prefix = "EVENT ".utf8
    guard line.count > prefix.count, line.starts(with: prefix) else { return nil }
    return line.dropFirst(prefix.count)
  }

  /// The session's version out of `ERR conflict current version N`; 0 where there is no such session.
  /// Nothing for every other reply.
  public var conflictVersion: Int? {
    guard case .refused(.conflict, let text) = self else { return nil }
    guard let word = text.split(separator: " ").last, let version = Int(word), version >= 0 else {
      return nil
    }
    return version
  }
}
