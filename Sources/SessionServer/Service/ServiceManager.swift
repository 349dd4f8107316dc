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

  init() {
    isPresent = getenv("NOTIFY_SOCKET") != nil
    var microseconds: UInt64 = 0
    let isEnabled = sd_watchdog_enabled(0, &microseconds) > 0
    watchdogInterval = isEnabled ? Int64(clamping: microseconds / 2) * 1000 : nil
  }

  /// Tells systemd the state, newline-separated assignments. A manager that does not listen loses it,
  /// which is its own affair.
  func notify(_ state: String) {
    guard isPresent else { return }
    _ = sd_notify(0, state)
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
    if let count = getenv("LISTEN_FDS"), String(cString: count) == "0" { return nil }
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
