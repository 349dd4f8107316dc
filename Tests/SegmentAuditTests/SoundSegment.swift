import Glibc
import SegmentAudit
import SessionCache
import SessionSegment
import SystemCalls
import Testing

/// A segment in which there is something of everything: records of all sizes, with tags and without, marks,
/// aliases, pages that were split, free blocks between used ones, large blocks.
enum SoundSegment {
  static let shards = 2
  static let second: Int64 = 1_000_000_000

  static func make() throws -> SegmentImage {
    var template = Array("/tmp/segment-audit-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = "\(directory)/segment"
    defer {
      unlink(path)
      rmdir(directory)
    }
    let opener = SegmentOpener(
      path: path, size: 17 << 20, shardCount: shards,
      settings: .init(ttl: 600 * second, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 100),
      clock: BootClock(now: { 1000 * second }, wallClock: { 0 }), boot: nil, threads: 1, wakeReclaimer: {})
    try fill(opener.open().cache)
    return try SegmentImage(copying: path)
  }

  private static func fill(_ cache: SessionCache) throws {
    var edits = FieldEdits(seed: cache.hashSeed)
    for number in 0..<2500 {
      let size = number % 100 == 0 ? 40_000 + number : 10 + number % 700
      let bytes = Array("ab1\"\(String(repeating: "v", count: size))\"".utf8)
      edits.removeAll()
      edits.add(key: 0..<1, value: 3..<bytes.count, in: bytes.span)
      edits.add(key: 1..<2, value: 2..<3, in: bytes.span)
      _ = try cache.write(id(number).span, &edits, of: bytes.span, .init(), at: 1000 * second)
    }
    for number in stride(from: 0, to: 2500, by: 3) {
      _ = try cache.remove(id(number).span, at: 1001 * second)
    }
    try logOut(cache)
    // Given back, so that some pages are in no run.
    for moment in 1002..<1005 { _ = cache.sweep(at: Int64(moment) * second) { true } }
  }

  /// Of the sessions that are left some get tags, and some are revoked or renamed.
  private static func logOut(_ cache: SessionCache) throws {
    let now = 1001 * second
    let tags = Array("user:42admin".utf8)
    for number in stride(from: 0, to: 2500, by: 30) {
      _ = try cache.addTags(id(number + 1).span, [0..<7, 7..<12], of: tags.span, at: now)
      _ = try cache.revoke(id(number + 4).span, at: now)
      let (first, second) = (Array("renamed-\(number)".utf8), Array("again-\(number)".utf8))
      _ = try cache.rename(id(number + 7).span, to: first.span, grace: nil, at: now, by: nil)
      _ = try cache.rename(first.span, to: second.span, grace: 50 * Self.second, at: now, by: nil)
    }
  }

  private static func id(_ number: Int) -> [UInt8] { Array("session-\(number)".utf8) }
}
