import Glibc

extension RecordView {
  /// All tags as they stand in the record, each a byte with its length and its text.
  public var rawTags: UnsafeRawBufferPointer {
    let start = rawID.baseAddress! + rawID.count
    return UnsafeRawBufferPointer(start: start, count: start.distance(to: fieldsStart))
  }

  /// All fields as they stand in the record.
  public var rawFields: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: fieldsStart, count: size - (RecordLayout.headerBytes + rawID.count + rawTags.count))
  }

  /// Calls `body` with each tag, in the order in which they were added.
  public func forEachTag<E: Error>(_ body: (_ tag: UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
    let tags = rawTags
    var place = 0
    for _ in 0..<tagCount {
      let end = place + 1 + Int(tags[place])
      try body(UnsafeRawBufferPointer(rebasing: tags[place + 1..<end]))
      place = end
    }
  }

  public func hasTag(_ tag: UnsafeRawBufferPointer) -> Bool {
    var isFound = false
    forEachTag { other in
      if other.count == tag.count, memcmp(other.baseAddress!, tag.baseAddress!, tag.count) == 0 {
        isFound = true
      }
    }
    return isFound
  }

  /// Whether the lengths of the tags add up to what the header says, so that a walk over them stays inside.
  var areTagsWellFormed: Bool {
    let tags = rawTags
    var place = 0
    for _ in 0..<tagCount {
      guard place < tags.count, tags[place] > 0 else { return false }
      place += 1 + Int(tags[place])
    }
    return place == tags.count
  }

  // MARK: Marks and aliases

  /// Whether it is an alias under which the session is still read.
  public func isReadableAlias(at now: Int64) -> Bool { kind == .alias && created &+ ttl > now }

  /// Of an alias: the id that the session has now.
  public var newID: [UInt8] { [UInt8](RawField(at: fieldsStart).key) }
}
