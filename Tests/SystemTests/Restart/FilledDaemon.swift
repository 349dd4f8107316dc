import Glibc
import SegmentAudit

/// A daemon with sessions of all sizes, and what they held.
final class FilledDaemon {
  let daemon: DaemonProcess
  private let count: Int
  /// What PEEK said of each.
  private(set) var contents: [String] = []

  /// Runs a test with one. `--max-memory` and the like are in the options.
  static func with(
    _ arguments: String..., sessions: Int = 1500, _ body: (FilledDaemon) throws -> Void
  ) throws {
    try TemporaryDirectory.with { directory in
      let daemon = try DaemonProcess.start(in: directory, DaemonOptions(arguments: arguments))
      defer { daemon.kill() }
      try body(FilledDaemon(daemon, sessions: sessions))
    }
  }

  private init(_ daemon: DaemonProcess, sessions: Int) throws {
    self.daemon = daemon
    count = sessions
    let requests = (0..<sessions).map { number in
      let size = number % 50 == 0 ? 20_000 + 30 * number : 10 + number * 7 % 1500
      let value = "\"\(number):\(String(repeating: "v", count: size))\""
      let ttl = number % 3 == 0 ? "TTL \(1000 + number) " : ""
      return "MSET s\(number) \(ttl){\"a\":\(value),\"n\":\(number)}\n"
    }
    // Some are removed again, so that there are free blocks among the used ones.
    let removals = (0..<sessions).filter { $0 % 7 == 6 }.map { "DEL s\($0)\n" }
    let all = requests + removals
    let replies = try daemon.connect().exchange(Array(all.joined().utf8), replies: all.count)
    if let refusal = replies.first(where: { !$0.hasPrefix("OK ") }) { throw Failure("filling: \(refusal)") }
    contents = try read()
  }

  /// What PEEK says of each session now.
  func read() throws -> [String] {
    let requests = (0..<count).map { "PEEK s\($0)\n" }.joined()
    return try daemon.connect().exchange(Array(requests.utf8), replies: count)
  }

  /// How many sessions there were at first.
  var liveCount: Int { contents.count { $0 != "NIL" } }

  /// How many of them are left, each with what it held; throws if another has anything else.
  func survivors() throws -> Int {
    var left = 0
    for (number, (before, now)) in zip(contents, try read()).enumerated() where now != "NIL" {
      guard now == before else { throw Failure("s\(number) is \(now.prefix(80)), was \(before.prefix(80))") }
      left += 1
    }
    return left
  }

  /// Ends the daemon.
  func end(_ ending: Ending) throws {
    switch ending {
    case .killed: daemon.kill()
    case .stopped:
      try daemon.signal(SIGTERM)
      guard try daemon.waitForExit() == .exited(0) else { throw Failure("SIGTERM: \(daemon.standardError)") }
    }
  }

  enum Ending: CaseIterable {
    case killed
    case stopped
  }

  /// The files of the directory that were set aside.
  var setAside: [String] {
    Files.names(in: daemon.directory.path).filter { $0.hasPrefix("segment.set-aside-") }
  }
}

/// By id, since the order in a segment means nothing.
func byID(_ sessions: [AuditedSession]) -> [String: AuditedSession] {
  Dictionary(uniqueKeysWithValues: sessions.map { (String(decoding: $0.id, as: UTF8.self), $0) })
}
