import Glibc
import SegmentAudit
import SessionSegment
import SystemCalls

/// Reads every session out of a damaged segment, which lies between two pages that nobody may touch: a read
/// outside of it ends the program.
struct ReaderTrial {
  private(set) var found = 0
  private(set) var others = 0

  init(_ image: SegmentImage, bytes: Int, ids: [[UInt8]]) throws {
    let page = 4096
    let whole = (bytes + page - 1) / page * page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = mmap(nil, whole + 2 * page, PROT_NONE, flags, -1, 0)
    guard let address, address != MAP_FAILED else { throw SystemCallError("mmap", errno) }
    defer { munmap(address, whole + 2 * page) }
    guard bytes > 0 else { return }
    let base = address + page
    guard mprotect(base, whole, PROT_READ | PROT_WRITE) == 0 else { throw SystemCallError("mprotect", errno) }
    for used in image.pagesInUse where used.upperBound <= bytes {
      image.withBytes(used) { bytes in _ = memcpy(base + used.lowerBound, bytes.baseAddress!, bytes.count) }
    }
    guard mprotect(base, whole, PROT_READ) == 0 else { throw SystemCallError("mprotect", errno) }
    let mapping = SegmentMapping(placed: base, size: bytes)
    do throws(SegmentError) {
      read(try SegmentReader(mapping), ids)
    } catch {
      // It is seen to be none.
      others += 1
    }
  }

  private mutating func read(_ reader: SegmentReader, _ ids: [[UInt8]]) {
    // Exactly as large as it is said to be, so that the address sanitizer sees a byte too many.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1200, alignment: 8)
    defer { buffer.deallocate() }
    let key = Array("a".utf8)
    for id in ids {
      id.withUnsafeBytes { id in
        key.withUnsafeBytes { key in
          note(reader.value(id, key, at: SoundSessions.now, into: buffer), buffer)
          note(reader.record(id, at: SoundSessions.now, into: buffer), buffer, isRecord: true)
          if reader.heading(id, at: SoundSessions.now) != nil { found += 1 } else { others += 1 }
        }
      }
    }
  }

  /// What was found lies in the buffer, and can be looked at.
  private mutating func note(
    _ outcome: SegmentReader.Outcome, _ buffer: UnsafeMutableRawBufferPointer, isRecord: Bool = false
  ) {
    guard case .found(let result) = outcome else {
      others += 1
      return
    }
    found += 1
    precondition(result.bytes.lowerBound >= 0 && result.bytes.upperBound <= buffer.count)
    guard isRecord else { return }
    RecordView(at: buffer.baseAddress! + result.bytes.lowerBound).forEachField { key, value in
      precondition(key.count + value.count <= buffer.count)
    }
  }
}
