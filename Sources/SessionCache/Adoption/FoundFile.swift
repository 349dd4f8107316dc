import Glibc
import SessionSegment
import SystemCalls

/// What lies at a segment's path.
enum FoundFile {
  case nothing
  case segment(SegmentFacts)
  /// It is a segment, and its header can't be right: why, the last version as far as the header tells it, and
  /// how what is left of it may be laid out.
  case illegible(reason: String, lastVersion: UInt64, guess: SegmentGeometry?)
  /// Something else, which may be dear to somebody.
  case foreign
  case anothers(uid: UInt32)

  static func look(at path: String) throws -> FoundFile {
    guard let descriptor = try openIfThere(path) else { return .nothing }
    let number = descriptor.number
    var status = stat()
    _ = try systemCall("fstat") { fstat(number, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else { return .foreign }
    var bytes = [UInt8](repeating: 0, count: SegmentLayout.pageBytes)
    let count = try systemCall("pread") { pread(number, &bytes, bytes.count, 0) }
    bytes.removeSubrange(count...)
    let format: UInt32
    switch SegmentFacts.kind(of: bytes) {
    case .empty: return .nothing
    case .foreign: return .foreign
    case .segment(let found): format = found
    }
    guard status.st_uid == geteuid() else { return .anothers(uid: status.st_uid) }
    if let facts = SegmentFacts(firstPage: bytes, fileBytes: Int(status.st_size)) { return .segment(facts) }
    let reason =
      format == SegmentLayout.formatVersion
      ? "its header can't be right"
      : "it has format \(format), and this daemon's is \(SegmentLayout.formatVersion)"
    return .illegible(
      reason: reason, lastVersion: SegmentFacts.lastVersion(in: bytes),
      guess: SegmentFacts.guess(firstPage: bytes, fileBytes: Int(status.st_size)))
  }

  private static func openIfThere(_ path: String) throws(SystemCallError) -> Descriptor? {
    do throws(SystemCallError) {
      return try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }
}
