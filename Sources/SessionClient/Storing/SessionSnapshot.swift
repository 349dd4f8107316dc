/// A session's values together with the version that they are of, from one moment.
public struct SessionSnapshot: Equatable, Sendable {
  /// What to give as `ifVersion:` so that a change is made only if nobody made one since.
  public let version: Int
  public let values: SessionValue.Object

  init(version: Int, json: [UInt8]) throws(SessionError) {
    self.version = version
    values = try ValueCoding.decode(SessionValue.Object.self, from: json)
  }
}
