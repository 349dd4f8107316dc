import CLinux
import Glibc
import SessionSegment
import TestSupport

/// Reads one key out of the segment's file, again and again, and stops itself in the middle of each read: the
/// test continues it when it has done what it wants to do meanwhile. Then prints the number of the value that
/// the read came back with, or 0 if it came back with none.
///
/// It does not talk to the daemon, which knows nothing of it.
struct FrozenReader {
  /// Where it stops.
  private enum Place: String {
    /// When the record was found, and nothing copied.
    case comparing
    /// When 16 bytes of the value, or of the record, were copied.
    case copying
    case copyingRecord = "copying-record"
  }

  private let mapping: SegmentMapping
  private let reader: SegmentReader
  private let session: [UInt8]
  private let key: [UInt8]
  private let place: Place
  private let rounds: Int
  private let buffer: TrapPage
  private let keyPage: TrapPage

  init(_ arguments: Arguments) throws {
    let path = try arguments.text("segment")
    let descriptor = linux_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw ProbeFailure("can't open \(path): errno \(errno)") }
    defer { close(descriptor) }
    mapping = try SegmentMapping(readingFrom: descriptor)
    reader = try SegmentReader(mapping)
    session = Array(try arguments.text("session").utf8)
    key = Array(try arguments.text("key").utf8)
    guard let place = Place(rawValue: try arguments.text("place")) else {
      throw ProbeFailure("no such place")
    }
    self.place = place
    rounds = try arguments.number("rounds")
    buffer = try TrapPage(bytes: 1 << 18)
    keyPage = try TrapPage(bytes: 4096)
  }

  func run() throws {
    let half = key.count / 2
    keyPage.fill(key, before: half)
    let keyMemory = UnsafeRawBufferPointer(rebasing: keyPage.memory(before: half)[..<key.count])
    let bufferMemory = buffer.memory(before: 16)
    for _ in 0..<rounds {
      if place == .comparing { keyPage.arm() } else { buffer.arm() }
      let outcome = session.withUnsafeBytes { session in
        place == .copyingRecord
          ? reader.record(session, at: bootNanoseconds(), into: bufferMemory)
          : reader.value(session, keyMemory, at: bootNanoseconds(), into: bufferMemory)
      }
      guard place == .comparing ? keyPage.disarm() : buffer.disarm() else {
        throw ProbeFailure("the read did not stop: \(outcome)")
      }
      print("counter=\(try counter(outcome, bufferMemory))")
    }
  }

  private func counter(
    _ outcome: SegmentReader.Outcome, _ memory: UnsafeMutableRawBufferPointer
  ) throws -> Int64 {
    guard case .found(let found) = outcome else {
      guard outcome == .missing || outcome == .doubt else { throw ProbeFailure("\(outcome)") }
      return 0
    }
    if place == .copyingRecord {
      // The reader has checked that the record is whole; it lies in the buffer.
      let record = RecordView(at: memory.baseAddress! + found.bytes.lowerBound)
      let value = record.withValue(of: key.span) { value in value.withUnsafeBytes { proven($0) } }
      guard let counter = value ?? nil else { throw ProbeFailure("a torn record") }
      return counter
    }
    guard let counter = proven(UnsafeRawBufferPointer(rebasing: memory[found.bytes])) else {
      throw ProbeFailure("a torn value")
    }
    return counter
  }

  /// The number of a value in its quotes.
  private func proven(_ json: UnsafeRawBufferPointer) -> Int64? {
    guard json.count > 2 else { return nil }
    return ProvingValue(proving: UnsafeRawBufferPointer(rebasing: json[1..<json.count - 1]))?.counter
  }
}
