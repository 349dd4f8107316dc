import Glibc
import SegmentAudit
import SessionCache
import SessionSegment
import SystemCalls
import TestSupport

/// A segment with something of everything in it, and what each of its sessions holds.
struct SoundSessions {
  static let second: Int64 = 1_000_000_000
  /// The moment at which all of it happens, nanoseconds of CLOCK_BOOTTIME.
  static let now = 10_000 * second

  let image: SegmentImage
  let places: AuditReport.Places
  let directory: String
  var path: String { "\(directory)/segment" }
  /// By id, the keys and values in order.
  private(set) var contents: [[UInt8]: [[UInt8]]] = [:]

  init(seed: UInt64) throws {
    var template = Array("/tmp/segment-damage-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = "\(directory)/segment"
    do {
      let cache = try Self.opener(path).open().cache
      contents = try Self.fill(cache, seed: seed)
    }
    image = try SegmentImage(copying: path)
    let report = SegmentAudit.of(image)
    guard report.isSound else { fatalError("the segment is not sound to begin with: \(report.flaws)") }
    places = report.places
  }

  static func opener(_ path: String) -> SegmentOpener {
    var opener = SegmentOpener(
      path: path, size: 3 << 20, shardCount: 2,
      settings: .init(ttl: 600 * second, lifetime: 0, sessionBytesMost: 200 << 10, keysMost: 100),
      clock: BootClock(now: { now }, wallClock: { now }), boot: nil, threads: 1, wakeReclaimer: {})
    // The next start is tried while this process still holds the last one's cache.
    opener.isExclusive = false
    return opener
  }

  private static func fill(_ cache: SessionCache, seed: UInt64) throws -> [[UInt8]: [[UInt8]]] {
    var random = SplitMix64(seed: seed)
    var edits = FieldEdits(seed: cache.hashSeed)
    var contents: [[UInt8]: [[UInt8]]] = [:]
    for number in 0..<900 {
      let id = Array("session-\(number)".utf8)
      let size = number % 90 == 0 ? 40_000 : Int.random(in: 10..<900, using: &random)
      let bytes = Array("ab1\"\(String(repeating: "v", count: size))\"".utf8)
      edits.removeAll()
      edits.add(key: 0..<1, value: 3..<bytes.count, in: bytes.span)
      edits.add(key: 1..<2, value: 2..<3, in: bytes.span)
      _ = try cache.write(id.span, &edits, of: bytes.span, .init(), at: now)
      contents[id] = [[97], Array(bytes[3...]), [98], [49]]
    }
    for number in stride(from: 0, to: 900, by: 4) {
      let id = Array("session-\(number)".utf8)
      _ = try cache.remove(id.span, at: now)
      contents[id] = nil
    }
    return contents
  }

  /// Takes away everything that lies in the directory, and with it the directory.
  func remove() {
    clear()
    rmdir(directory)
  }

  func clear() {
    guard let list = opendir(directory) else { return }
    defer { closedir(list) }
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { unlink("\(directory)/\(name)") }
    }
  }
}
