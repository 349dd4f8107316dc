/// The text of one JSON value, byte for byte as it is stored: for programs that pass values on.
///
///     let raw = try await sessions.get("s1", "cart", as: SessionJSON.self)
public struct SessionJSON: Equatable, Sendable {
  /// The JSON text.
  public let text: String

  /// Takes a text that holds one JSON value. Throws `SessionError.decoding` with the place and the reason.
  public init(_ text: String) throws(SessionError) {
    _ = try SessionValue(json: text)
    self.text = text
  }

  /// Takes what the daemon sent, which holds only valid values.
  init(received bytes: [UInt8]) throws(SessionError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .decoding("the value is no UTF-8")
    }
    self.text = text
  }
}

extension SessionJSON: CustomStringConvertible {
  public var description: String { text }
}

/// Inside types of your own it stands for the value, read or written anew.
extension SessionJSON: Codable {
  public init(from decoder: any Decoder) throws {
    text = try SessionValue(from: decoder).description
  }

  public func encode(to encoder: any Encoder) throws {
    try SessionValue(json: text).encode(to: encoder)
  }
}

extension SessionJSON {
  /// The JSON string that stands for a text.
  public init(string: String) {
    text = SessionValue.string(string).description
  }

  /// The JSON object with these keys and values, in this order. Of a key that comes twice, the daemon keeps
  /// the last value.
  public init(object fields: [(String, SessionJSON)]) {
    text = "{" + fields.map { SessionJSON(string: $0).text + ":" + $1.text }.joined(separator: ",") + "}"
  }
}
