import CLinux
import Glibc

/// An epoll(7) instance, level-triggered. A token of the caller's stands for each descriptor.
public struct Epoll: ~Copyable, Sendable {
  /// What a descriptor is watched for. Hang-ups and errors are always told.
  public struct Interest: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let read = Interest(rawValue: 1)
    public static let write = Interest(rawValue: 2)
  }

  public struct Event: Sendable {
    public let token: UInt64
    public let isReadable: Bool
    public let isWritable: Bool
    /// The peer is gone altogether, or the socket is broken.
    public let isHangUp: Bool

    init(_ event: linux_event) {
      token = event.token
      isReadable = event.events & linux_epoll_in != 0
      isWritable = event.events & linux_epoll_out != 0
      isHangUp = event.events & (linux_epoll_hup | linux_epoll_err) != 0
    }
  }

  /// The most events that one wait answers with.
  public static let eventsMost = 64

  private let descriptor: Descriptor

  public init() throws(SystemCallError) {
    descriptor = Descriptor(owning: try systemCall("epoll_create1") { linux_epoll_create() })
  }

  public func add(_ number: Int32, _ interest: Interest, token: UInt64) throws(SystemCallError) {
    _ = try systemCall("epoll_ctl") { linux_epoll_add(descriptor.number, number, Self.bits(interest), token) }
  }

  public func modify(_ number: Int32, _ interest: Interest, token: UInt64) throws(SystemCallError) {
    _ = try systemCall("epoll_ctl") {
      linux_epoll_modify(descriptor.number, number, Self.bits(interest), token)
    }
  }

  /// Waits for events, at most so many milliseconds (nil: for ever), and calls `handle` with each.
  public func wait(milliseconds: Int32?, _ handle: (Event) -> Void) throws(SystemCallError) {
    var ready = ReadyEvents()
    try wait(milliseconds: milliseconds, into: &ready)
    for index in 0..<ready.count { handle(ready[index]) }
  }

  /// Likewise, and puts them in the place of what `ready` holds; none where the time is over.
  public func wait(milliseconds: Int32?, into ready: inout ReadyEvents) throws(SystemCallError) {
    try ready.fill(from: descriptor.number, milliseconds: milliseconds ?? -1)
  }

  private static func bits(_ interest: Interest) -> UInt32 {
    (interest.contains(.read) ? linux_epoll_in : 0) | (interest.contains(.write) ? linux_epoll_out : 0)
  }
}
