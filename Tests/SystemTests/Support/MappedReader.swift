import CLinux
import Glibc
import SessionSegment
import Synchronization

/// Reads sessions `s0`, `s1`, … out of a mapped segment, as a client does.
final class MappedReader: Sendable {
  /// A reader does not keep its mapping; this does.
  private let mapping: SegmentMapping
  private let reader: SegmentReader
  private let sessions: Int
  private let foundCount = Atomic<Int>(0)

  /// How many reads found their session.
  var found: Int { foundCount.load(ordering: .relaxed) }

  /// Maps the file as it is now.
  init(path: String, sessions: Int) throws {
    let descriptor = try check(linux_open(path, O_RDONLY | O_CLOEXEC, 0), "open \(path)")
    defer { close(descriptor) }
    mapping = try SegmentMapping(readingFrom: descriptor)
    reader = try SegmentReader(mapping)
    self.sessions = sessions
  }

  /// What comes of a read of one small session.
  func outcome(_ id: String) -> SegmentReader.Outcome {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    defer { buffer.deallocate() }
    return withExtendedLifetime(mapping) {
      Array(id.utf8).withUnsafeBytes { reader.record($0, at: linux_boottime_ns(), into: buffer) }
    }
  }

  /// Reads each session once, and as many that are not there.
  ///
  /// - Throws: for a record that is not its session's.
  func readAll() throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    defer { buffer.deallocate() }
    for number in 0..<sessions * 2 {
      let id = Array("s\(number)".utf8)
      let outcome = withExtendedLifetime(mapping) {
        id.withUnsafeBytes { reader.record($0, at: linux_boottime_ns(), into: buffer) }
      }
      guard case .found(let found) = outcome, let start = buffer.baseAddress else { continue }
      let isRight = id.withUnsafeBytes { RecordView(at: start + found.bytes.lowerBound).hasID($0) }
      guard isRight else { throw Failure("the record of s\(number) is another one's") }
      foundCount.wrappingAdd(1, ordering: .relaxed)
    }
  }
}
