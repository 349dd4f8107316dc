internal import SessionSegment
internal import SessionWire

/// One session of `LocalSessions`. Times are nanoseconds of its clock.
struct LocalSession {
  var version: Int
  /// JSON text by key.
  var fields = KeyedList<[UInt8]>()
  /// What the fields take in the daemon's record.
  private(set) var fieldBytes = 0
  var tags: [String] = []
  let created: Int64
  /// The idle time to live.
  var idle: Int64
  var deadline: Int64
  /// When the queue of dues asks for it next: at its end, or earlier.
  var scheduled = Int64.max

  init(version: Int, created: Int64, idle: Int64, deadline: Int64) {
    self.version = version
    self.created = created
    self.idle = idle
    self.deadline = deadline
  }

  /// When it ends if nobody uses it.
  ///
  /// - Parameter lifetime: the bound from its creation; 0: none.
  func end(lifetime: Int64) -> Int64 { lifetime == 0 ? deadline : min(deadline, created + lifetime) }

  /// Starts the idle time anew: only forwards, and not for less than a millisecond, as the daemon does it.
  mutating func slide(at now: Int64) {
    if now + idle - deadline >= 1_000_000 { deadline = now + idle }
  }

  /// The size of the record that the daemon would keep.
  func bytes(id: Name) -> Int {
    RecordLayout.headerBytes + id.count + tags.reduce(0) { $0 + 1 + $1.utf8.count } + fieldBytes
  }

  static func fieldBytes(_ key: String, _ json: [UInt8]) -> Int {
    RecordLayout.fieldHeaderBytes + key.utf8.count + json.count
  }

  mutating func apply(_ edits: LocalEdits) {
    fieldBytes += edits.growth(of: self).bytes
    var removed: Set<Name> = []
    for (key, edit) in edits.list.entries {
      switch edit {
      case .set(let json): fields[key] = json
      case .remove: removed.insert(Name(key))
      }
    }
    if !removed.isEmpty { _ = fields.remove(removed) }
  }

  /// The session as a JSON object, or the keys asked for; in its order.
  func json(_ keys: Set<Name>? = nil) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    for (key, json) in fields.entries where keys?.contains(Name(key)) ?? true {
      writer.member(key: key, json: json)
    }
    writer.endObject()
    return writer.bytes
  }
}
