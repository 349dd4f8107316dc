/// A session's values together with the version that they are of, from one moment.
public struct SessionSnapshot: Equatable, Sendable {
  /// What to give as `ifVersion:` so that a change is made only if nobody made one since.
  public let version: Int
  public let values: SessionValue.Object

  init(version: Int, json: [UInt8]) throws(SessionError) {
    self.version = version
    values = try ValueCoding.decode(SessionValue.Object.self, from: json)
  }

  init(_ dump: SessionDump) throws(SessionError) {
    guard let version = dump.version else { throw .decoding("the dump has no version") }
    self.version = version
    values = dump.data
  }
}
