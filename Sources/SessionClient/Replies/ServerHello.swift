/// Who answers on the socket.
public struct ServerHello: Codable, Equatable, Sendable {
  /// The name of the program: `sessiond`.
  public let server: String
  /// The version of the program.
  public let version: String
  /// The version of the protocol.
  public let protocolVersion: Int
  /// What this client may do: `app` or `admin`.
  public let role: String

  enum CodingKeys: String, CodingKey {
    case server, version, role
    case protocolVersion = "protocol"
  }
}
