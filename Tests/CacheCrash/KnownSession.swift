import SegmentAudit

/// A session as its only writer knows it: what its id is now, and which ids it has had lately.
struct KnownSession {
  struct Field: Equatable {
    let key: String
    var value: [UInt8]
  }

  /// An id that was revoked or renamed.
  struct ClosedID {
    let id: [UInt8]
    /// Where there was a grace: the id that came after it.
    let newID: [UInt8]?
    /// When it was closed.
    let moment: ClosedRange<Int64>
  }

  /// What stands under an id in the cache.
  struct Found {
    let fields: [Field]
    let tags: [String]
    /// In seconds.
    let ttl: Int64
  }

  static let defaultTTL: Int64 = 600

  /// All its ids begin so, and end with a number.
  let name: String
  private(set) var number = 0
  /// In order; nil: there is no such session.
  private(set) var fields: [Field]?
  private(set) var tags: [String] = []
  private(set) var ttl = Self.defaultTTL
  /// From when on its time may be over; nil: not for long.
  private(set) var endsAfter: Int64?
  private(set) var closed: [ClosedID] = []

  init(name: String) { self.name = name }

  var id: [UInt8] { id(number) }
  var nextID: [UInt8] { id(number + 1) }
  private func id(_ number: Int) -> [UInt8] { Array("\(name).\(number)".utf8) }

  /// Applies a change that was made.
  ///
  /// - Parameter moment: when that was.
  mutating func apply(_ change: CacheChange, at moment: ClosedRange<Int64>) {
    switch change {
    case .write(let pairs):
      begin()
      for (key, value) in pairs { set(key, value) }
    case .increment:
      begin()
      set("n", Array("\(counter + 1)".utf8))
    case .removeKey(let key): fields?.removeAll { $0.key == key }
    case .remove: forget()
    case .setTTL(let seconds): if fields != nil { ttl = seconds }
    case .end: endsAfter = moment.lowerBound
    case .tag(let new): if fields != nil { tags += new.filter { !tags.contains($0) } }
    case .untag(let old): tags.removeAll(where: old.contains)
    case .rename(let hasGrace):
      guard fields != nil else { return }
      close(to: hasGrace ? nextID : nil, at: moment)
      ttl = Self.defaultTTL
    case .revoke:
      guard fields != nil else { return }
      close(to: nil, at: moment)
      forget()
    }
  }

  /// The first of a change's calls may have been made, and given it a short time to live.
  mutating func begin(_ change: CacheChange, at moment: ClosedRange<Int64>) {
    switch change {
    case .end: endsAfter = moment.lowerBound
    case .rename, .revoke: endsAfter = moment.lowerBound + CacheChange.markSeconds * 1_000_000_000
    default: break
    }
  }

  /// What it may be when a change was cut short.
  func afterPart(of change: CacheChange, at moment: ClosedRange<Int64>) -> [KnownSession] {
    var (begun, whole) = (self, self)
    begun.begin(change, at: moment)
    whole.apply(change, at: moment)
    // What was renamed may not have its long time to live again.
    var nearlyWhole = whole
    nearlyWhole.begin(change, at: moment)
    return [whole, begun, nearlyWhole]
  }

  /// It is known not to be there.
  mutating func forget() {
    fields = nil
    tags = []
    endsAfter = nil
  }

  private mutating func close(to newID: [UInt8]?, at moment: ClosedRange<Int64>) {
    closed.append(ClosedID(id: id, newID: newID, moment: moment))
    number += 1
  }

  private mutating func begin() {
    if fields == nil { ttl = Self.defaultTTL }
    fields = fields ?? []
  }

  private var counter: Int {
    guard let field = fields?.first(where: { $0.key == "n" }) else { return 0 }
    return Int(String(decoding: field.value, as: UTF8.self)) ?? 0
  }

  private mutating func set(_ key: String, _ value: [UInt8]) {
    if let index = fields?.firstIndex(where: { $0.key == key }) {
      fields?[index].value = value
    } else {
      fields?.append(Field(key: key, value: value))
    }
  }
}

// What must be in a cache.
extension KnownSession {
  /// Whether it may be what was found under its id.
  func matches(_ found: Found?, at now: Int64) -> Bool {
    guard let found else { return fields == nil || endsAfter ?? .max <= now }
    return found.fields == fields && found.tags == tags && (endsAfter != nil || found.ttl == ttl)
  }

  /// Whether the ids that it has had are marked, as far as their time is not over.
  ///
  /// - Parameter marks: what an audit found before `now`.
  func isClosed(in marks: [[UInt8]: AuditedMark], at now: Int64) -> Bool {
    closed.allSatisfy { closed in
      let isOver = closed.moment.lowerBound + CacheChange.markSeconds * 1_000_000_000 <= now
      guard let mark = marks[closed.id] else { return isOver }
      return mark.newID == closed.newID
    }
  }

  /// Ids whose time is over for certain are forgotten: a second later than they may be reclaimed.
  mutating func forgetClosed(at now: Int64) {
    closed.removeAll { $0.moment.upperBound + (CacheChange.markSeconds + 1) * 1_000_000_000 < now }
  }
}
