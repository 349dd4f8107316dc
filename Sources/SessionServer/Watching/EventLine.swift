import SessionCache
import SessionWire

/// EVENT lines, and the last line of who does not keep up with them.
extension [UInt8] {
  mutating func appendEvent(_ event: EventPortion.Event, _ id: Span<UInt8>, to: Span<UInt8>) {
    append(contentsOf: "EVENT {\"seq\":".utf8)
    appendDecimal(event.number)
    append(contentsOf: ",\"event\":\"".utf8)
    append(contentsOf: event.kind.name.utf8)
    append(contentsOf: "\",\"session\":".utf8)
    appendQuoted(id)
    if !to.isEmpty {
      append(contentsOf: ",\"to\":".utf8)
      appendQuoted(to)
    }
    append(contentsOf: ",\"version\":".utf8)
    appendDecimal(event.version)
    append(contentsOf: "}\n".utf8)
  }

  /// Says that events up to a number may be missing.
  mutating func appendMissed(_ number: UInt64) {
    append(contentsOf: "EVENT {\"seq\":".utf8)
    appendDecimal(number)
    append(contentsOf: ",\"event\":\"missed\"}\n".utf8)
  }
}

extension RequestError {
  /// - Parameter number: the last event that the watcher was told of.
  static func tooSlow(after number: UInt64) -> RequestError {
    RequestError(.limit, "too slow: events were missed; the last sent is \(number)")
  }
}

extension EventKind {
  fileprivate var name: String {
    switch self {
    case .set: "set"
    case .del: "del"
    case .expire: "expire"
    case .evict: "evict"
    case .rename: "rename"
    case .revoke: "revoke"
    }
  }
}
