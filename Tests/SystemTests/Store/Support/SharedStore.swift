/// Runs a test with so many daemons that share one Redis server.
///
/// - Parameters:
///   - arguments: flags of each daemon beyond the store.
///   - settings: of the server.
func withDaemonsOnRedis(
  _ count: Int, _ arguments: [String] = [], settings: [String] = [],
  _ body: ([DaemonProcess], RedisServer) throws -> Void
) throws {
  try TemporaryDirectory.with { directory in
    let redis = try RedisServer(in: directory, settings: settings)
    defer { redis.kill() }
    let options = DaemonOptions(arguments: TestedStore.redis.arguments(at: redis.socketPath) + arguments)
    try withDaemons(count, options) { try body($0, redis) }
  }
}

/// The same, with a proxy between the daemons and the server.
///
/// - Parameter direct: so many more daemons have no proxy before them; they come last.
func withDaemonsOnProxy(
  _ count: Int, _ arguments: [String] = [], direct: Int = 0, seed: UInt64,
  _ body: @escaping ([DaemonProcess], RedisProxy) throws -> Void
) throws {
  try TemporaryDirectory.with { directory in
    let redis = try RedisServer(in: directory)
    defer { redis.kill() }
    let path = directory.file("proxy.sock")
    let proxy = RedisProxy(at: path, to: redis.socketPath, seed: seed)
    let options = [path, redis.socketPath].map {
      DaemonOptions(arguments: TestedStore.redis.arguments(at: $0) + arguments)
    }
    // Safe to send: one of the threads runs the body, the other one the proxy.
    nonisolated(unsafe) let body = body
    try inThreads(2) { index in
      guard index == 1 else { return try proxy.run() }
      defer { proxy.stop() }
      try eventually("the proxy listens") { Files.isSocket(path) }
      try withDaemons(count, options[0]) { proxied in
        try withDaemons(count + direct, options[1], and: proxied) { try body($0, proxy) }
      }
    }
  }
}

/// Each has a directory of its own.
private func withDaemons(
  _ count: Int, _ options: DaemonOptions, and others: [DaemonProcess] = [],
  _ body: ([DaemonProcess]) throws -> Void
) throws {
  guard others.count < count else { return try body(others) }
  try withDaemon(options) { daemon in try withDaemons(count, options, and: others + [daemon], body) }
}
