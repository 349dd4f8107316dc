/// One page of a listing of session ids.
public struct SessionPage: Codable, Equatable, Sendable {
  /// The ids of this page, perhaps none.
  public let sessions: [String]
  /// Where the next page begins; nothing after the last one.
  public let next: String?
}
