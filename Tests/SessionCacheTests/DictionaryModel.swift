import SessionCache

/// What a cache should do, in the plainest form: a dictionary, and times compared one by one.
struct DictionaryModel {
  struct Session {
    var version: UInt64
    var fields: [(key: String, value: String)]
    var created: Int64
    var ttl: Int64
    var deadline: Int64
  }

  var sessions: [String: Session] = [:]
  let ttl: Int64
  let lifetime: Int64

  func live(_ id: String, _ now: Int64) -> Session? {
    guard let session = sessions[id] else { return nil }
    return end(session) > now ? session : nil
  }

  func end(_ session: Session) -> Int64 {
    lifetime == 0 ? session.deadline : min(session.deadline, session.created + lifetime)
  }

  mutating func slide(_ id: String, _ now: Int64) {
    guard let session = live(id, now) else { return }
    let deadline = now + session.ttl
    if deadline - session.deadline >= 1_000_000 { sessions[id]!.deadline = deadline }
  }

  mutating func set(
    _ id: String, _ fields: [(String, String)], _ version: UInt64, ttl newTTL: Int64?, _ now: Int64
  ) {
    var session =
      live(id, now) ?? Session(version: 0, fields: [], created: now, ttl: ttl, deadline: 0)
    for (key, value) in fields {
      if let index = session.fields.firstIndex(where: { $0.key == key }) {
        session.fields[index].value = value
      } else {
        session.fields.append((key, value))
      }
    }
    session.version = version
    session.ttl = newTTL ?? session.ttl
    session.deadline = now + session.ttl
    sessions[id] = session
  }
}
