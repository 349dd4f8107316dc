/// That a session has a tag, by the hashes of both.
struct TagPair: Comparable {
  let tag: UInt64
  let session: UInt64

  @inline(__always)
  static func < (a: TagPair, b: TagPair) -> Bool { a.tag != b.tag ? a.tag < b.tag : a.session < b.session }
}
