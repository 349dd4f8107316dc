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
  /// How many requests could not be done just then, or perhaps not.
  private(set) var unavailable = 0
  /// How many sessions were left alone since a rename was undone by half.
  private(set) var retired = 0
  /// How many were done for sure.
  private(set) var acknowledged = 0

  private static let requestsAtOnce = 16

  init(number: Int, sessions: Int, seed: UInt64) {
    self.sessions = (0..<sessions).map { CrashSession(name: "w\(number)-\($0)") }
    random = SplitMix64(seed: seed &+ UInt64(number))
  }

  /// Works until the daemon is gone, or so many batches of requests are done.
  ///
  /// - Parameter isOver: looked at between them.
  /// - Throws: at the first answer that can't be right.
  func work(socket: String, batches: Int, until isOver: () -> Bool = { false }) throws {
    guard let connection = try? RawConnection(path: socket) else { return }
    for _ in 0..<batches where !isOver() {
      var requests: [UInt8] = []
      var chosen: [Int] = []
      for _ in 0..<Int.random(in: 1...Self.requestsAtOnce, using: &random) {
        let index = sessions.indices.randomElement(using: &random)!
        guard !sessions[index].isMoving, !sessions[index].isInDoubt else { continue }
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
        if reply.errorCode == "unavailable" { unavailable += 1 }
        if reply.hasPrefix("OK ") { acknowledged += 1 }
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
    return CrashOperation.random(
      counter: counter, of: sessions[index].standing, version: sessions[index].version, at: now, &random)
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
    let ids = ids
    let requests = ids.map { "PEEK \($0)\n" }.joined()
    let replies = try connection.exchange(Array(requests.utf8), replies: ids.count)
    var findings = findings
    for (id, reply) in zip(ids, replies) { findings.replies[id] = reply }
    _ = try compare(with: findings)
  }

  /// Holds what was found against what was acknowledged.
  ///
  /// - Parameter moment: what was acknowledged since may be undone; nil: nothing may.
  /// - Returns: of how many sessions something was undone.
  func compare(with findings: CrashFindings, maybeAsBefore moment: Double? = nil) throws -> Int {
    versions.removeAll()
    var undone = 0
    for index in sessions.indices {
      let isUndone = try sessions[index].found(findings, at: secondsSinceBoot(), maybeAsBefore: moment)
      if isUndone { undone += 1 }
      if moment != nil { retireIfSplit(index, findings, isUndone: isUndone) }
    }
    return undone
  }

  /// A rename that was undone by half leaves the session under both ids, or a mark where it is to go to: it is left
  /// alone from now on, and another one takes its place.
  /// So may one that was under way and never acknowledged.
  private func retireIfSplit(_ index: Int, _ findings: CrashFindings, isUndone: Bool) {
    let session = sessions[index]
    let number = session.standing.number
    // Behind it there may be aliases, if all is as it should be.
    let behind = isUndone ? (max(0, number - Self.renamesMost)..<number).map(session.id) : []
    let ahead = (number + 1...number + Self.renamesMost).map(session.id)
    guard
      (behind + ahead).contains(where: { findings.sessions[$0] != nil })
        || ([session.id(number)] + ahead).contains(where: { findings.marks[$0] != nil })
    else { return }
    retired += 1
    sessions[index] = CrashSession(name: "\(session.name)r\(retired)")
  }

  /// More renames of one session than are made between two looks at it.
  private static let renamesMost = 64

  /// Under which a session may be: the next one is that of a rename which may have been done.
  private var ids: [String] {
    sessions.flatMap { [$0.id($0.standing.number), $0.id($0.standing.number + 1)] }
  }

  /// Under which a session may be or have been, if a few renames may be undone.
  var idsOfLate: [String] {
    sessions.flatMap { session in
      let number = session.standing.number
      return (min(session.standing.closed.first?.number ?? number, max(0, number - 3))...number + 1).map(
        session.id)
    }
  }

  var liveCount: Int { sessions.count { $0.standing.session != nil } }
}
