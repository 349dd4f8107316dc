import CHiredis
import CLinux
import Glibc
import SystemCalls

/// A connection to a server, which closes itself. hiredis parses and prints; how long anything takes is decided here, by
/// poll(2) on a socket that does not block. Once a call has thrown it must not be used again.
///
/// Safe to hand from thread to thread: it is the only owner of its context, and can't be copied.
struct RedisConnection: ~Copyable, @unchecked Sendable {
  /// All answers to one exchange together may take so many times the timeout: a server that trickles is given up.
  private static let timeoutsMost: Int64 = 4

  private let context: UnsafeMutablePointer<redisContext>
  let timeout: Int64

  private init(owning context: UnsafeMutablePointer<redisContext>, timeout: Int64) {
    self.context = context
    self.timeout = timeout
  }

  /// Connects; keepalive probes begin after 15 seconds of silence on TCP.
  ///
  /// - Parameter timeout: for the connecting, and for each answer later, in nanoseconds.
  static func connecting(
    to endpoint: RedisLocation.Endpoint, timeout: Int64
  ) throws(RedisFailure) -> RedisConnection {
    let most = timeval(tv_sec: Int(timeout / 1_000_000_000), tv_usec: Int(timeout % 1_000_000_000 / 1000))
    let context =
      switch endpoint {
      case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), most)
      case .unix(let path): redisConnectUnixWithTimeout(path, most)
      }
    guard let context else { throw .unsent("no memory to connect") }
    let connection = RedisConnection(owning: context, timeout: timeout)
    if let reason = connection.errorText { throw .unsent(reason) }
    if case .tcp = endpoint, redisEnableKeepAlive(context) != REDIS_OK {
      throw .unsent(connection.errorText ?? "no keepalive")
    }
    let flags = fcntl(context.pointee.fd, F_GETFL)
    guard flags >= 0, fcntl(context.pointee.fd, F_SETFL, flags | O_NONBLOCK) == 0,
      fcntl(context.pointee.fd, F_SETFD, FD_CLOEXEC) == 0
    else { throw .unsent("\(SystemCallError("fcntl", errno))") }
    // So that hiredis takes EAGAIN for "not now".
    context.pointee.flags &= ~REDIS_BLOCK
    return connection
  }

  deinit { redisFree(context) }

  var descriptor: Int32 { context.pointee.fd }

  /// Sends commands and waits for the answer of each. One wait, however many there are.
  mutating func exchange(_ commands: [RedisCommand]) throws(RedisFailure) -> [RedisReply] {
    guard !commands.isEmpty else { return [] }
    // Nothing is due: what can be read now is the end of the connection, or something that was not asked for.
    guard try !waits(for: Int16(POLLIN), until: 0) else {
      throw .unsent("the server has closed the connection")
    }
    for command in commands { try append(command) }
    let begin = linux_boottime_ns()
    var replies: [RedisReply] = []
    replies.reserveCapacity(commands.count)
    var isFlushed = false
    var deadline = begin + timeout
    while replies.count < commands.count {
      if !isFlushed { isFlushed = try write() }
      let events = Int16(POLLIN) | (isFlushed ? 0 : Int16(POLLOUT))
      guard try waits(for: events, until: min(deadline, begin + timeout * Self.timeoutsMost)) else {
        throw .broken("the server does not answer")
      }
      let had = replies.count
      try receive(into: &replies)
      if replies.count > had { deadline = linux_boottime_ns() + timeout }
    }
    guard isFlushed, replies.count == commands.count, !hasMore else {
      throw .broken("the server has answered what it was not asked")
    }
    return replies
  }

  /// Sends commands without waiting for answers.
  mutating func send(_ commands: [RedisCommand]) throws(RedisFailure) {
    for command in commands { try append(command) }
    let deadline = linux_boottime_ns() + timeout
    while try !write() {
      guard try waits(for: Int16(POLLOUT), until: deadline) else { throw .broken("the server takes nothing") }
    }
  }

  /// Takes what has come by now; may be none.
  mutating func receive(into replies: inout [RedisReply]) throws(RedisFailure) {
    guard redisBufferRead(context) == REDIS_OK else { throw failure }
    while let reply = try nextReply() { replies.append(reply) }
  }

  /// Waits until one of the answers that come is right; the others are lost.
  mutating func await(_ isRight: (RedisReply) -> Bool) throws(RedisFailure) {
    let deadline = linux_boottime_ns() + timeout
    while true {
      guard try waits(for: Int16(POLLIN), until: deadline) else {
        throw .broken("the server does not answer")
      }
      var replies: [RedisReply] = []
      try receive(into: &replies)
      if replies.contains(where: isRight) { return }
    }
  }

  /// A reply that is whole, out of the buffer.
  private func nextReply() throws(RedisFailure) -> RedisReply? {
    var raw: UnsafeMutableRawPointer?
    guard redisGetReplyFromReader(context, &raw) == REDIS_OK else { throw failure }
    guard let raw else { return nil }
    // Made by hiredis's default functions, which make redisReply only.
    guard let reply = RedisReply(owning: raw.assumingMemoryBound(to: redisReply.self)) else {
      throw .broken("the server's answer is of an unknown type")
    }
    return reply
  }

  /// Whether bytes of another answer have come already.
  private var hasMore: Bool {
    context.pointee.reader.pointee.pos < context.pointee.reader.pointee.len
  }

  private func append(_ command: RedisCommand) throws(RedisFailure) {
    let status = command.bytes.withUnsafeBytes { bytes in
      let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      var offset = 0
      // hiredis copies the words before it returns, and none is longer than what is left of the buffer. The place of
      // an empty word is never read.
      var words: [UnsafePointer<CChar>?] = command.lengths.map { length in
        defer { offset += length }
        return base.map { $0 + offset }
      }
      return redisAppendCommandArgv(context, Int32(command.lengths.count), &words, command.lengths)
    }
    guard status == REDIS_OK else { throw .broken(errorText ?? "no memory for a command") }
  }

  /// Whether everything has gone.
  private func write() throws(RedisFailure) -> Bool {
    var done: Int32 = 0
    guard redisBufferWrite(context, &done) == REDIS_OK else { throw failure }
    return done == 1
  }

  private func waits(for events: Int16, until deadline: Int64) throws(RedisFailure) -> Bool {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    while true {
      let left = max(0, deadline - linux_boottime_ns())
      let count = poll(&entry, 1, Int32(clamping: (left + 999_999) / 1_000_000))
      if count > 0 { return true }
      if count < 0, errno != EINTR { throw .broken("\(SystemCallError("poll", errno))") }
      if left == 0 { return false }
    }
  }

  private var failure: RedisFailure { .broken(errorText ?? "unknown error of hiredis") }

  private var errorText: String? {
    guard context.pointee.err != 0 else { return nil }
    // An array of 128 bytes, ended by a zero by hiredis.
    return withUnsafeBytes(of: context.pointee.errstr) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
