/// The last events in order, so many and so many bytes of them at most. The older ones make room for the newer.
/// One thread at a time.
final class EventRing {
  private let eventsMost: Int
  private let bytesMost: Int
  // Unsafe memory: `bytesMost` bytes that hold records, and `eventsMost` places of records in them. Only places
  // and bytes of events from `first` up to `next` are read, which were written before. The system provides the
  // memory with the first use of each page.
  private let bytes: UnsafeMutableRawPointer
  private let places: UnsafeMutablePointer<UInt32>
  /// The number of the oldest event, and that of the next.
  private(set) var first: UInt64
  private(set) var next: UInt64
  /// Where the last record ends. Places grow for ever and wrap around; a record lies at its place modulo `bytesMost`.
  private var end: UInt32 = 0

  /// - Parameters:
  ///   - next: the number of the first event.
  ///   - eventsMost: a power of two.
  ///   - bytesMost: a power of two, room for two records at least.
  init(next: UInt64, eventsMost: Int, bytesMost: Int) {
    precondition(eventsMost.nonzeroBitCount == 1 && bytesMost.nonzeroBitCount == 1)
    precondition(bytesMost > 2 * EventRecord.bytesMost && bytesMost <= 1 << 31)
    self.eventsMost = eventsMost
    self.bytesMost = bytesMost
    first = next
    self.next = next
    bytes = .allocate(byteCount: bytesMost, alignment: 8)
    places = .allocate(capacity: eventsMost)
  }

  deinit {
    bytes.deallocate()
    places.deallocate()
  }

  func append(
    _ kind: EventKind, _ id: UnsafeRawBufferPointer, version: UInt64, to: UnsafeRawBufferPointer?
  ) {
    let record = EventRecord(kind, version: version, idBytes: id.count, toBytes: to?.count ?? 0)
    var start = end
    // A record lies in one piece.
    let rest = bytesMost - offset(start)
    if record.byteCount > rest { start &+= UInt32(rest) }
    end = start &+ UInt32(record.byteCount)
    while first < next, next - first == UInt64(eventsMost) || Int(end &- place(first)) > bytesMost {
      first += 1
    }
    record.store(
      id, to,
      at: UnsafeMutableRawBufferPointer(start: bytes + offset(start), count: record.byteCount))
    places[index(next)] = start
    next += 1
  }

  /// Copies events out: those behind a number, as far as they lie in one piece, at most so many bytes of them but
  /// at least one event.
  ///
  /// - Parameter number: at least `first` - 1, and below `next` - 1.
  func copy(after number: UInt64, bytesMost: Int, to portion: inout EventPortion) {
    let start = place(number + 1)
    var last = number + 1
    // At the memory's beginning another piece begins.
    while last + 1 < next, offset(place(last + 1)) != 0, Int(self.end(last + 1) &- start) <= bytesMost {
      last += 1
    }
    let records = UnsafeRawBufferPointer(start: bytes + offset(start), count: Int(self.end(last) &- start))
    portion.replace(first: number + 1, count: Int(last - number), with: records)
  }

  /// Bytes of the events that are kept.
  var byteCount: Int {
    guard first < next else { return 0 }
    return Int(end &- place(first)) + Int(next - first) * MemoryLayout<UInt32>.stride
  }

  private func index(_ number: UInt64) -> Int { Int(truncatingIfNeeded: number) & (eventsMost - 1) }
  private func offset(_ place: UInt32) -> Int { Int(place) & (bytesMost - 1) }
  private func place(_ number: UInt64) -> UInt32 { places[index(number)] }

  /// Where the record of an event ends.
  private func end(_ number: UInt64) -> UInt32 {
    guard number + 1 < next else { return end }
    let place = place(number)
    let header = UnsafeRawBufferPointer(start: bytes + offset(place), count: EventRecord.headerBytes)
    return place &+ UInt32(EventRecord(reading: header.bytes).byteCount)
  }
}
