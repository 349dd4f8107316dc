import Glibc
import SegmentAudit
import TestSupport

/// A client that changes sessions of its own at random, several requests at a time, until the daemon is
/// gone; and then holds what a new daemon has against what it was told.
final class CrashWriter: @unchecked Sendable {
  // Safe to send: one thread at a time uses it, the next one when that has been joined.
  private var sessions: [CrashSession]
  private var random: SplitMix64
  private var counter = 0
  /// The versions that it was told since the last restart.
  private(set) var versions: [UInt64] = []
  /// How many writes found the cache full.
  private(set) var refusals = 0

  private static let requestsAtOnce = 16

  init(number: Int, sessions: Int, seed: UInt64) {
    self.sessions = (0..<sessions).map { CrashSession(name: "w\(number)-\($0)") }
    random = SplitMix64(seed: seed &+ UInt64(number))
  }

  /// Works until the daemon is gone, or so many batches of requests are done.
  ///
  /// - Throws: at the first answer that can't be right.
  func work(socket: String, batches: Int) throws {
    guard let connection = try? RawConnection(path: socket) else { return }
    for _ in 0..<batches {
      var requests: [UInt8] = []
      var chosen: [Int] = []
      for _ in 0..<Int.random(in: 1...Self.requestsAtOnce, using: &random) {
        let index = sessions.indices.randomElement(using: &random)!
        guard !sessions[index].isMoving else { continue }
        let now = secondsSinceBoot()
        for operation in nextOperations(index, at: now) {
          requests += sessions[index].sent(operation, at: now).utf8
          chosen.append(index)
        }
      }
      guard try whileItRuns({ try connection.send(requests) }) != nil else { return }
      for index in chosen {
        guard let reply = try whileItRuns({ try connection.reply() }) else { return }
        if reply.errorCode == "full" { refusals += 1 }
        if let version = try sessions[index].answered(reply, at: secondsSinceBoot()) {
          versions.append(version)
        }
      }
    }
  }

  /// One that is ending is removed: nobody could say what a write to it makes.
  private func nextOperations(_ index: Int, at now: Double) -> [CrashOperation] {
    if sessions[index].isToEnd { return [.remove] }
    counter += 1
    return CrashOperation.random(counter: counter, of: sessions[index].standing, at: now, &random)
  }

  /// nil when the daemon is gone; a reply that never comes is an error.
  private func whileItRuns<Result>(_ body: () throws -> Result) throws -> Result? {
    do {
      return try body()
    } catch let error as SystemCallError where error.code == EAGAIN {
      throw error
    } catch {
      return nil
    }
  }

  func mayBeFlushed() {
    for index in sessions.indices { sessions[index].mayBeFlushed() }
  }

  /// Holds what the daemon has now against what was acknowledged.
  func compare(over connection: RawConnection, _ findings: CrashFindings) throws {
    versions.removeAll()
    // The next id, too: a rename may have been done that was not answered.
    let ids = sessions.flatMap { session in
      [session.id(session.standing.number), session.id(session.standing.number + 1)]
    }
    let requests = ids.map { "PEEK \($0)\n" }.joined()
    let replies = try connection.exchange(Array(requests.utf8), replies: ids.count)
    var findings = findings
    for (id, reply) in zip(ids, replies) { findings.replies[id] = reply }
    for index in sessions.indices { try sessions[index].found(findings, at: secondsSinceBoot()) }
  }

  var liveCount: Int { sessions.count { $0.standing.session != nil } }
}
