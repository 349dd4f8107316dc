/// A session as an application keeps it that does so by itself: one record, read and written whole.
///
/// Its members have types of their own, which is what the coder is quickest with, and its times are whole
/// milliseconds: a baseline is not to be slow for want of care.
struct SessionRecord: Codable, Equatable, Sendable {
  var user: String
  var theme: String
  var visits: Int
  var profile: String
  /// Milliseconds since 1970.
  var created: Int
  /// Likewise, when it was used last.
  var used: Int
  /// After so many milliseconds without use it is over.
  var idle: Int
}

extension SessionRecord {
  /// What `sessionbench fill` gives to the session of this id.
  init(_ id: String, idle: Int, at now: Int) {
    self.init(
      user: String(id.prefix(SessionShape.smallBytes)), theme: "dark", visits: 42,
      profile: SessionShape.value(id), created: now, used: now, idle: idle)
  }

  func isOver(at now: Int) -> Bool { now - used >= idle }
}
