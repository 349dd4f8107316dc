/// What happens to sessions, for those who watch them.
public final class EventLog: Sendable {
  func append(
    _ kind: EventKind, _ id: UnsafeRawBufferPointer, version: UInt64, to newID: UnsafeRawBufferPointer? = nil
  ) {}
}
