/// Some events one after the other, copied out of the log.
public struct EventPortion: Sendable {
  /// An event without its ids.
  public struct Event: Sendable, Equatable {
    public let number: UInt64
    public let kind: EventKind
    public let version: UInt64
  }

  /// The number of the first event.
  private(set) var first: UInt64 = 1
  public private(set) var count = 0
  private var bytes: [UInt8] = []

  public init() {}

  /// The number of the last event; that before the first one's if there is none.
  public var last: UInt64 { first &+ UInt64(count) &- 1 }

  mutating func replace(first: UInt64, count: Int, with records: UnsafeRawBufferPointer) {
    self.first = first
    self.count = count
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: records)
  }

  /// Hands over each event behind a number, in order.
  ///
  /// - Parameter body: gets the event, its session's id, and the new id where it was renamed, else no bytes.
  public func forEachEvent(
    after number: UInt64 = 0, _ body: (_ event: Event, _ id: Span<UInt8>, _ to: Span<UInt8>) -> Void
  ) {
    let bytes = bytes.span
    var position = 0
    for offset in 0..<UInt64(count) {
      let record = EventRecord(reading: bytes.extracting(position...).bytes)
      if first &+ offset > number {
        body(
          Event(number: first &+ offset, kind: record.kind, version: record.version),
          bytes.extracting(record.id(at: position)), bytes.extracting(record.to(at: position)))
      }
      position += record.byteCount
    }
  }
}
