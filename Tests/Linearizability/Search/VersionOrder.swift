/// What holds for versions among all sessions: no two writes make the same one, no session has one that
/// a write to another session made (unless it may have had that one's id), and a write that began after another one had ended makes a higher one.
enum VersionOrder {
  private struct Write {
    let session: String
    let version: UInt64
    let operation: Operation
  }

  /// - Parameter groups: the ids that renames join.
  static func faults(in sessions: [String: [Operation]], _ groups: [[String]]) -> [String] {
    var writes: [Write] = []
    for (session, history) in sessions {
      for operation in history {
        guard let version = operation.madeVersion else { continue }
        writes.append(Write(session: session, version: version, operation: operation))
      }
    }
    writes.sort { $0.version < $1.version }
    return repeated(writes) + backwards(writes) + foreign(sessions, writes, groups)
  }

  private static func repeated(_ writes: [Write]) -> [String] {
    zip(writes, writes.dropFirst()).filter { $0.version == $1.version }.map { first, second in
      "version \(first.version) was made twice: \(first.session) \(first.operation), "
        + "\(second.session) \(second.operation)"
    }
  }

  private static func backwards(_ writes: [Write]) -> [String] {
    var faults: [String] = []
    var earliestEnd: Write?
    for write in writes.reversed() {
      if let later = earliestEnd, later.operation.end < write.operation.begin {
        faults.append(
          "versions go back: \(later.session) \(later.operation) was over before "
            + "\(write.session) \(write.operation) began")
      }
      if write.operation.end < earliestEnd?.operation.end ?? .max { earliestEnd = write }
    }
    return faults
  }

  private static func foreign(
    _ sessions: [String: [Operation]], _ writes: [Write], _ groups: [[String]]
  ) -> [String] {
    var groupOf: [String: Int] = [:]
    for (number, group) in groups.enumerated() {
      for id in group { groupOf[id] = number }
    }
    let makers = Dictionary(writes.map { ($0.version, $0.session) }) { first, _ in first }
    var faults: [String] = []
    for (session, history) in sessions.sorted(by: { $0.key < $1.key }) {
      for operation in history {
        let seen: UInt64
        switch operation.outcome {
        case .conflict(let current): seen = current
        case .info(let version, _): seen = version
        default: continue
        }
        if let maker = makers[seen], groupOf[maker] != groupOf[session] {
          faults.append("session \(session) has a version of \(maker): \(operation)")
        }
      }
    }
    return faults
  }
}
