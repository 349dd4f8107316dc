import CLinux

/// The events of an epoll(7) instance that one wait answered with. In memory of their own, so that none is copied with
/// all the others.
public struct ReadyEvents: ~Copyable {
  private let events = UnsafeMutableBufferPointer<linux_event>.allocate(capacity: Epoll.eventsMost)
  /// At most `Epoll.eventsMost`.
  public private(set) var count = 0

  public init() {
    events.initialize(repeating: linux_event())
  }

  deinit { events.deallocate() }

  /// - Parameter index: below `count`.
  public subscript(index: Int) -> Epoll.Event {
    precondition(index < count)
    return Epoll.Event(events[index])
  }

  /// - Parameters:
  ///   - number: an epoll's descriptor.
  ///   - milliseconds: at most so many; below 0: for ever.
  mutating func fill(from number: Int32, milliseconds: Int32) throws(SystemCallError) {
    count = 0
    let filled = try systemCall("epoll_wait") {
      linux_epoll_wait(number, events.baseAddress, Int32(Epoll.eventsMost), milliseconds)
    }
    count = Int(filled)
  }
}
