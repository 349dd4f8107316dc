import Linearizability
import SessionClient

/// Sends a request of the checker's model through the client library and translates what comes back.
struct Request {
  let writing: SessionClient
  let reading: Reads

  func perform(_ call: Call, on session: String) async throws -> Outcome {
    do {
      return try await ask(call, on: session)
    } catch SessionError.conflict(let current) {
      return .conflict(current: UInt64(current))
    } catch SessionError.type {
      return .notANumber
    } catch SessionError.revoked {
      return .revoked
    }
  }

  private func ask(_ call: Call, on session: String) async throws -> Outcome {
    switch call {
    case .set(let fields, let wanted): return .version(try await set(session, fields, wanted))
    case .delete: return .removed(try await writing.delete(session) ? 1 : 0)
    case .deleteKeys(let keys): return .removed(try await writing.delete(session, keys: keys))
    case .increment(let key, let amount):
      return .number(Int64(try await writing.increment(session, key, by: Int(amount))))
    case .get(let key):
      return .value(try await reading.get(session, key, as: SessionJSON.self)?.text)
    case .getAll:
      return .fields(try await reading.get(session, as: SessionValue.Object.self).map(Self.fields))
    case .getMany(let keys):
      return .fields(try await reading.getMany(session, keys, as: SessionValue.Object.self).map(Self.fields))
    case .info:
      guard let info = try await writing.info(session) else { return .missing }
      return .info(version: UInt64(info.version), keys: info.keys)
    case .exists: return .exists(try await reading.exists(session))
    case .rename(let new, let grace):
      let given = try await writing.rename(session, to: new, grace: grace.map { .nanoseconds($0) })
      guard given == nil || given == new else { throw ProbeFailure("\(session) is \(given ?? "") now") }
      return given == nil ? .missing : .renamed
    case .revoke: return .removed(try await writing.revoke(session) ? 1 : 0)
    }
  }

  private func set(_ session: String, _ fields: [Field], _ wanted: UInt64?) async throws -> UInt64 {
    let version = wanted.map { Int($0) }
    if fields.count == 1 {
      let value = try SessionJSON(fields[0].value)
      return UInt64(try await writing.set(session, fields[0].key, value, ifVersion: version))
    }
    let values = try fields.map { ($0.key, try SessionValue(json: $0.value)) }
    return UInt64(try await writing.setMany(session, SessionValue.Object(values), ifVersion: version))
  }

  private static func fields(_ object: SessionValue.Object) -> [Field] {
    object.map { Field($0.key, $0.value.description) }
  }
}
