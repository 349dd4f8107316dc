import ArgumentParser

/// What makes the requests.
enum LoadClient: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Bytes to a socket, and bytes from it.
  case raw
  /// The client library of sessiond over the socket, by a thread that may block.
  case library
  /// The same, and reads out of the daemon's memory.
  case mapped
}
