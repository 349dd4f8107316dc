import Glibc
import Synchronization
import TestSupport

/// Stands between daemons and a Redis server, and spoils the server's replies where a test wants that.
final class RedisProxy: Sendable {
  enum Fault: Int {
    case none
    /// Some replies end amid, with the connection.
    case cut
    /// Some replies are bytes that no server sends.
    case garbage
    /// No reply comes, on the connections that there are.
    case silence
    /// Nothing passes either way, as if the cable were cut: what was sent arrives when that is over.
    case severed
  }

  /// One in so many replies is spoilt.
  private static let share = 10
  private static let pollMilliseconds: Int32 = 20

  private let socketPath: String
  private let serverPath: String
  private let seed: UInt64
  private let isOver = Atomic(false)
  private let fault = Atomic(Fault.none.rawValue)
  private let spoiltCount = Atomic(0)

  /// How many replies were spoilt.
  var spoilt: Int { spoiltCount.load(ordering: .relaxed) }

  init(at socketPath: String, to serverPath: String, seed: UInt64) {
    self.socketPath = socketPath
    self.serverPath = serverPath
    self.seed = seed
  }

  private var current: Fault { Fault(rawValue: fault.load(ordering: .relaxed)) ?? .none }

  func set(_ new: Fault) { fault.store(new.rawValue, ordering: .relaxed) }

  /// Ends `run`.
  func stop() { isOver.store(true, ordering: .relaxed) }

  /// A client's connection and the one to the server that belongs to it.
  private struct Pair {
    let client: Int32
    let server: Int32
    var isOpen = true
    var isSilent = false
  }

  /// Serves until it is stopped.
  func run() throws {
    let listener = try Sockets.listener(socketPath)
    var pairs: [Pair] = []
    defer { for number in pairs.flatMap({ [$0.client, $0.server] }) + [listener] { close(number) } }
    var random = SplitMix64(seed: seed)
    var buffer = [UInt8](repeating: 0, count: 65536)
    while !isOver.load(ordering: .relaxed) {
      guard current != .severed else {
        pause(milliseconds: UInt32(Self.pollMilliseconds))
        continue
      }
      var entries = ([listener] + pairs.flatMap { [$0.client, $0.server] }).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      try check(poll(&entries, nfds_t(entries.count), Self.pollMilliseconds), "poll")
      for index in pairs.indices {
        if entries[1 + 2 * index].revents != 0 { pass(&pairs[index], &buffer) }
        if pairs[index].isOpen, entries[2 + 2 * index].revents != 0 {
          answer(&pairs[index], &buffer, &random)
        }
      }
      for pair in pairs where !pair.isOpen {
        close(pair.client)
        close(pair.server)
      }
      pairs.removeAll { !$0.isOpen }
      if entries[0].revents != 0 { pairs.append(try accept(listener)) }
    }
  }

  private func accept(_ listener: Int32) throws -> Pair {
    let client = try check(Glibc.accept(listener, nil, nil), "accept")
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
    let server = try Sockets.stream()
    try Sockets.connect(server, to: UnixAddress(path: serverPath))
    return Pair(client: client, server: server)
  }

  /// From the client to the server.
  private func pass(_ pair: inout Pair, _ buffer: inout [UInt8]) {
    let count = recv(pair.client, &buffer, buffer.count, 0)
    pair.isOpen = count > 0 && Self.send(buffer[..<count], to: pair.server)
  }

  /// From the server to the client, if nothing happens to it.
  private func answer(_ pair: inout Pair, _ buffer: inout [UInt8], _ random: inout SplitMix64) {
    let count = recv(pair.server, &buffer, buffer.count, 0)
    guard count > 0 else {
      pair.isOpen = false
      return
    }
    let fault = current
    if fault == .silence { pair.isSilent = true }
    guard !pair.isSilent else { return }
    guard fault == .cut || fault == .garbage, random.pick(Self.share) == 0 else {
      pair.isOpen = Self.send(buffer[..<count], to: pair.client)
      return
    }
    spoiltCount.add(1, ordering: .relaxed)
    let kept = random.pick(count)
    _ = Self.send(buffer[..<kept], to: pair.client)
    if fault == .garbage { _ = Self.send(Array("\u{1}nobody sends this\r\n".utf8)[...], to: pair.client) }
    pair.isOpen = fault == .garbage
  }

  private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
