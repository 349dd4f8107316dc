import CSystemd
import Glibc
import SystemCalls

/// systemd, where it started this process; elsewhere everything here is a quiet no-op (sd_notify(3),
/// sd_watchdog_enabled(3), sd_listen_fds(3)).
struct ServiceManager: Sendable {
  /// Why the sockets that were handed over can't be used.
  struct ActivationError: Error, CustomStringConvertible {
    let description: String
  }

  /// Half the time within which systemd wants to hear of the daemon, in nanoseconds; nil without a
  /// watchdog.
  let watchdogInterval: Int64?
  /// Whether anybody listens to `notify`.
  let isPresent: Bool
  private let target: DatagramTarget?

  /// How long a change of state may wait for a service manager that is busy, in milliseconds: one that never learned of
  /// it would take the daemon for one that does not start, or does not stop.
  private static let patienceMilliseconds: Int32 = 5_000

  init() {
    let path = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
    isPresent = path != nil
    target = path.flatMap { DatagramTarget(path: $0) }
    var microseconds: UInt64 = 0
    let isEnabled = sd_watchdog_enabled(0, &microseconds) > 0
    watchdogInterval = isEnabled ? Int64(clamping: min(microseconds / 3, Self.dayMicroseconds)) * 1000 : nil
  }

  /// Tells systemd of a change of state, newline-separated assignments. A manager that does not listen loses it, which is
  /// its own affair.
  func notify(_ state: String) {
    _ = send(state, waiting: Self.patienceMilliseconds)
  }

  /// Tells systemd what it will be told again, and does not wait for it: a manager that is stopped must not stop this.
  ///
  /// - Returns: whether it was taken, or nobody is there to take it.
  func tell(_ state: String) -> Bool { send(state, waiting: 0) }

  private static let dayMicroseconds: UInt64 = 86_400_000_000

  /// systemd ignores a message of more than 4,096 bytes, with all that stands in it, READY=1 as well. A scalar takes
  /// four at most.
  private static let statusScalarsMost = 900

  /// A text for `STATUS=`, cut where it is too long for that, and on one line: what follows a line's end would be an
  /// assignment of its own.
  static func statusText(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(statusScalarsMost)
    let end = shown.endIndex == text.unicodeScalars.endIndex ? "" : "…"
    let scalars = shown.map { $0.properties.generalCategory == .control ? " " : $0 }
    return String(String.UnicodeScalarView(scalars)) + end
  }

  private func send(_ state: String, waiting milliseconds: Int32) -> Bool {
    guard isPresent else { return true }
    // What is no Unix socket's address is libsystemd's affair.
    guard let target else { return sd_notify(0, state) > 0 }
    return target.send(Array(state.utf8), waiting: milliseconds)
  }

  func notifyReloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    notify("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
  }

  /// The listening socket that systemd handed over: the one named `sessiond`, or the only one. nil
  /// where there is none.
  ///
  /// - Throws: when there are several and none has that name, or it is no listening stream socket.
  static func listeningSocket() throws -> Int32? {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // libsystemd takes a count of 0 for an error; there is nothing wrong with being handed nothing.
    if let count = getenv("LISTEN_FDS"), String(cString: count) == "0" {
      // As libsystemd does with any other count.
      for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
      return nil
    }
    let count = sd_listen_fds_with_names(1, &names)
    guard count >= 0 else {
      throw ActivationError(description: "LISTEN_FDS: \(String(cString: strerror(-count)))")
    }
    guard count > 0, let names else { return nil }
    defer {
      for index in 0..<Int(count) { free(names[index]) }
      free(names)
    }
    let first: Int32 = 3
    let found = (0..<Int(count)).map { String(cString: names[$0]!) }
    guard let index = count == 1 ? 0 : found.firstIndex(of: "sessiond") else {
      throw ActivationError(
        description: "\(count) sockets were handed over and none is named sessiond (FileDescriptorName=)")
    }
    let socket = first + Int32(index)
    guard sd_is_socket_unix(socket, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0 else {
      throw ActivationError(description: "descriptor \(socket) is no listening Unix stream socket")
    }
    for other in first..<first + count where other != socket { close(other) }
    return socket
  }
}
