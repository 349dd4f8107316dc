import CLinux
import Glibc
import SessionCache
import SessionClient
import SessionSegment
import SystemCalls

/// A daemon whose segment is a real one, kept by a cache of this process. It hands it out on MAP and answers
/// all else by a test's script.
final class MappedDaemon: Sendable {
  let fake: FakeDaemon

  /// What a script answers.
  enum Answer: ExpressibleByStringLiteral {
    /// A line, given without its line feed.
    case line(String)
    case silence
    /// Closes the connection.
    case end

    init(stringLiteral text: String) { self = .line(text) }
  }

  /// What a daemon that has nothing says to the requests of a client.
  static func answerAsEmpty(_ line: String) -> Answer {
    line.hasPrefix("READS") ? "OK" : line.hasPrefix("TOUCH") ? "OK 0" : "NIL"
  }

  var path: String { fake.path }
  /// The request lines but MAP.
  var lines: [String] { fake.lines.filter { $0 != "MAP" } }
  var maps: Int { fake.lines.count { $0 == "MAP" } }
  var connections: Int { fake.connections }

  /// - Parameters:
  ///   - segments: what each connection is handed; the last one for all that follow.
  ///   - script: gets each request line but MAP.
  init(
    in directory: TemporaryDirectory? = nil, over segments: TestSegment...,
    answering script: @escaping @Sendable (String) -> Answer = answerAsEmpty
  ) throws {
    fake = try FakeDaemon(in: directory) { connection in
      let segment = segments[min(connection.number, segments.count) - 1]
      connection.scriptsMap = true
      while let line = connection.readLine() {
        if line == "MAP" {
          connection.send(#"OK {"format":2}"# + "\n", with: segment.cache.readOnlyDescriptor.number)
          continue
        }
        switch script(line) {
        case .line(let reply): connection.send(reply + "\n")
        case .silence: continue
        case .end: return
        }
      }
    }
  }

  func stop() { fake.stop() }

  /// A client that has the segment mapped.
  func client(_ options: SessionClient.Options = MappedDaemon.patient) throws -> SessionClient {
    let sessions = SessionClient(socket: path, options: options)
    // The reply to MAP comes before this one's.
    _ = try sessions.blocking.get("nobody", "nothing", as: Int.self)
    return sessions
  }

  static let patient = SessionClient.Options(requestTimeout: .seconds(20), reconnectPatience: .seconds(10))
}

/// A segment in a file of its own, with the cache that writes it.
final class TestSegment: Sendable {
  let cache: SessionCache
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    cache = try SegmentOpener(
      path: directory.path + "/segment", size: 16 << 20, shardCount: 4,
      settings: .init(ttl: 600_000_000_000, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 10_000),
      clock: .system, boot: nil, threads: 1, wakeReclaimer: {}
    ).open().cache
  }

  deinit {
    unlink(directory.path + "/segment")
  }

  /// - Parameter ttl: in seconds.
  func set(_ id: String, _ fields: KeyValuePairs<String, String>, ttl: Double? = nil) throws {
    var bytes: [UInt8] = []
    var ranges: [(key: Range<Int>, value: Range<Int>)] = []
    for (key, value) in fields {
      let start = bytes.count
      bytes += key.utf8
      let middle = bytes.count
      bytes += value.utf8
      ranges.append((start..<middle, middle..<bytes.count))
    }
    var edits = FieldEdits(seed: cache.hashSeed)
    for range in ranges { edits.add(key: range.key, value: range.value, in: bytes.span) }
    let name = Array(id.utf8)
    _ = try cache.write(
      name.span, &edits, of: bytes.span, .init(version: nil, ttl: ttl.map { Int64($0 * 1e9) }),
      at: BootClock.system.now())
  }

  func remove(_ id: String) throws {
    let name = Array(id.utf8)
    _ = try cache.remove(name.span, at: BootClock.system.now())
  }

  /// What a daemon does to a segment that another one takes the place of.
  func markSuperseded() throws {
    let file = try Descriptor.open(directory.path + "/segment", O_RDWR)
    var one: UInt64 = 1
    _ = try systemCall("pwrite") { pwrite(file.number, &one, 8, 72) }
  }

  /// Has a session look as if nobody had used it for so many seconds.
  func age(_ id: String, by seconds: Double, ttl: Double) throws {
    let name = Array(id.utf8)
    _ = try cache.setTTL(name.span, to: Int64(ttl * 1e9), at: BootClock.system.now() - Int64(seconds * 1e9))
  }

  func touch(_ id: String) throws -> Bool {
    let name = Array(id.utf8)
    return try cache.touch(name.span, at: BootClock.system.now())
  }
}
