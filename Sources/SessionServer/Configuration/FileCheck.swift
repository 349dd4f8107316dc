import Glibc
import SessionSegment
import SessionStore
import SystemCalls

/// What lies at the paths at which the start makes its files, as far as looking tells, in the words of the start.
/// Nothing is changed, and nobody is waited for.
///
/// Not for a daemon that serves: to close a file that it has open as a database lets go of the database's locks.
struct FileCheck {
  private let settled: SettledConfiguration

  init(_ settled: SettledConfiguration) {
    self.settled = settled
  }

  var segmentProblems: [String] {
    let path = settled.configuration.segment
    return lockProblems(.segment, beside: path)
      ?? Self.segmentObstacle(path).map { ["\(settled.source(.segment)): \(path): \($0)"] } ?? []
  }

  var socketProblems: [String] {
    let path = settled.configuration.socket
    return lockProblems(.socket, beside: path)
      ?? ListenSocket.obstacle(at: path).map { ["\(settled.source(.socket)): \($0)"] } ?? []
  }

  /// - Parameter path: of a database of SQLite.
  func storeProblems(_ path: String) -> [String] {
    guard let reason = SQLiteStore.refusal(at: path) else { return [] }
    return ["\(settled.source(.store)): \(settled.configuration.store): \(reason)"]
  }

  /// The lock has the longer name, and comes first.
  private func lockProblems(_ setting: Setting, beside path: String) -> [String]? {
    let lock = "\(path).lock"
    return OwnFile.foreseenFailure(lock).map { ["\(settled.source(setting)): \(lock): \($0)"] }
  }

  private static func segmentObstacle(_ path: String) -> String? {
    do throws(SystemCallError) {
      return try segmentError(path)?.description
    } catch {
      return error.description
    }
  }

  private static func segmentError(_ path: String) throws(SystemCallError) -> SegmentError? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw SystemCallError("open", errno) }
      return nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFLNK: throw SystemCallError("open", ELOOP)
    case S_IFSOCK: throw SystemCallError("open", ENXIO)
    default: return .occupied
    }
    switch SegmentFacts.kind(of: try firstPage(path)) {
    case .empty: return nil
    case .foreign: return .occupied
    case .segment: return status.st_uid == geteuid() ? nil : .owner(status.st_uid)
    }
  }

  private static func firstPage(_ path: String) throws(SystemCallError) -> [UInt8] {
    let descriptor = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    var bytes = [UInt8](repeating: 0, count: SegmentLayout.pageBytes)
    let count = try systemCall("pread") { pread(descriptor.number, &bytes, bytes.count, 0) }
    return Array(bytes[..<count])
  }
}
