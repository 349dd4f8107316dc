extension CrashFindings {
  /// Greater than any that is given.
  private static let noVersion = UInt64(1) << 62

  /// What a daemon answers under some ids.
  ///
  /// An id is found to be marked by a change of it that would do nothing, whether there is a session or not.
  init(asking connection: RawConnection, _ ids: [String]) throws {
    let requests = ids.map { "PEEK \($0)\nDUMP \($0)\nSET \($0) late IF \(Self.noVersion) 1\n" }.joined()
    let replies = try connection.exchange(Array(requests.utf8), replies: 3 * ids.count)
    var sessions: [String: Session] = [:]
    var marks: [String: Mark] = [:]
    var peeked: [String: String] = [:]
    for (number, id) in ids.enumerated() {
      let (peek, dump, change) = (replies[3 * number], replies[3 * number + 1], replies[3 * number + 2])
      for reply in [peek, dump] where reply != "NIL" && !reply.hasPrefix("OK ") {
        throw Failure("\(id): \(reply)")
      }
      peeked[id] = peek
      if dump != "NIL" { sessions[id] = try Session(dump: dump) }
      switch change.errorCode {
      case "revoked": marks[id] = .either
      case "conflict": break
      default: throw Failure("\(id): \(change)")
      }
    }
    self.init(sessions: sessions, marks: marks, replies: peeked)
  }
}

extension CrashFindings.Session {
  /// Reads what DUMP answers; tags without anything that JSON escapes.
  init(dump: String) throws {
    guard let begin = dump.firstRange(of: "\"tags\":["), let end = dump.firstRange(of: "],\"data\":") else {
      throw Failure("no dump: \(dump)")
    }
    let tags = dump[begin.upperBound..<end.lowerBound].split(separator: ",").map { tag in
      String(tag.dropFirst().dropLast())
    }
    self.init(version: UInt64(try dump.number("version")), ttl: Int(try dump.number("idle")), tags: tags)
  }
}
