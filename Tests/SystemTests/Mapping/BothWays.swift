import SessionClient
import TestSupport

/// One client that reads out of the mapping where it can, and one that asks the daemon for everything.
struct BothWays {
  let mapped: SessionClient
  let plain: SessionClient

  init(_ daemon: DaemonProcess) throws {
    var options = DaemonProcess.patient
    mapped = daemon.client(options)
    options.mapping = .off
    plain = daemon.client(options)
    // The first reply brings the mapping.
    guard try !mapped.blocking.exists("nobody") else { throw Failure("there is somebody") }
  }

  /// What differs between the two, if anything does, for every way to read some keys of a session.
  func differences(_ session: String, _ keys: [String]) async -> [String] {
    var found: [String] = []
    func compare(_ what: String, _ read: (SessionClient) async throws -> String) async {
      let (one, other) = (await outcome(read, mapped), await outcome(read, plain))
      if one != other { found.append("\(what) of \(session) \(keys): mapped \(one), asked \(other)") }
    }
    for key in keys {
      await compare("String") { "\(String(describing: try await $0.get(session, key, as: String.self)))" }
      await compare("Int") { "\(String(describing: try await $0.get(session, key, as: Int.self)))" }
      await compare("Bool") { "\(String(describing: try await $0.peek(session, key, as: Bool.self)))" }
      await compare("Double") { "\(String(describing: try await $0.get(session, key, as: Double.self)))" }
      await compare("[Int]") { "\(String(describing: try await $0.peek(session, key, as: [Int].self)))" }
      await compare("value") {
        "\(String(describing: try await $0.get(session, key, as: SessionValue.self)))"
      }
      await compare("text") { "\(String(describing: try await $0.get(session, key, as: SessionJSON.self)))" }
      await compare("bytes") { sessions in
        "\(String(describing: try await sessions.withJSON(session, key) { json in json.indices.map { json[$0] } }))"
      }
      await compare("blocking") {
        "\(String(describing: try $0.blocking.get(session, key, as: SessionValue.self)))"
      }
    }
    await compare("session") { "\(String(describing: try await $0.get(session)))" }
    await compare("session's text") {
      "\(String(describing: try await $0.peek(session, as: SessionJSON.self)))"
    }
    await compare("dictionary") { sessions in
      do {
        let found = try await sessions.get(session, as: [String: Int].self)
        return found.map { "\($0.sorted { $0.key < $1.key })" } ?? "nil"
      } catch SessionError.decoding {
        // Which key it names is a matter of chance.
        return "other values"
      }
    }
    await compare("many") {
      "\(String(describing: try await $0.getMany(session, keys, as: SessionJSON.self)))"
    }
    await compare("blocking many") { "\(String(describing: try $0.blocking.getMany(session, keys)))" }
    await compare("exists") { "\(try await $0.exists(session))" }
    await compare("has a time to live") { "\(try await $0.ttl(session) != nil)" }
    return found
  }

  private func outcome(
    _ read: (SessionClient) async throws -> String, _ sessions: SessionClient
  ) async -> String {
    do {
      return try await read(sessions)
    } catch {
      return "\(error)"
    }
  }
}

/// Sessions of all kinds, from a seed.
struct SessionMaker {
  var random: SplitMix64

  mutating func name() -> String {
    let alphabet = Array("abcXYZ0129 _-:\"\\é🙂/")
    let length = random.pick(20) == 0 ? 60 : 1 + random.pick(12)
    return String((0..<length).map { _ in alphabet[random.pick(alphabet.count)] })
  }

  mutating func session() -> SessionValue.Object {
    var object = SessionValue.Object()
    for _ in 0..<random.pick(12) { object[name()] = value(depth: 0) }
    return object
  }

  private mutating func value(depth: Int) -> SessionValue {
    switch random.pick(depth < 3 ? 11 : 8) {
    case 0: return .null
    case 1: return .bool(random.pick(2) == 0)
    case 2: return .int(random.pick(200) - 100)
    case 3: return .int(Int(truncatingIfNeeded: random.next()))
    case 4: return .double(Double(random.pick(2_000_000) - 1_000_000) / 1024) ?? .null
    case 5:
      return .number(SessionValue.Number("\(random.pick(10)).\(random.pick(100))50e\(random.pick(40))")!)
    case 6: return .string(name())
    case 7: return .string(String(repeating: name(), count: random.pick(300)))
    case 8: return .string("line\nbreak \u{1}\t\"quoted\" \\")
    case 9: return .array((0..<random.pick(5)).map { _ in value(depth: depth + 1) })
    default:
      var object = SessionValue.Object()
      for _ in 0..<random.pick(5) { object[name()] = value(depth: depth + 1) }
      return .object(object)
    }
  }
}
