import SessionClient

/// The reads of a client, whichever of its two forms they have.
enum Reads {
  case asynchronous(SessionClient)
  case blocking(SessionClient.Blocking)

  func get<Value: Decodable>(_ session: String, _ key: String, as type: Value.Type) async throws -> Value? {
    switch self {
    case .asynchronous(let client): try await client.get(session, key, as: type)
    case .blocking(let client): try client.get(session, key, as: type)
    }
  }

  func get<Value: Decodable>(_ session: String, as type: Value.Type) async throws -> Value? {
    switch self {
    case .asynchronous(let client): try await client.get(session, as: type)
    case .blocking(let client): try client.get(session, as: type)
    }
  }

  func peek<Value: Decodable>(_ session: String, _ key: String, as type: Value.Type) async throws -> Value? {
    switch self {
    case .asynchronous(let client): try await client.peek(session, key, as: type)
    case .blocking(let client): try client.peek(session, key, as: type)
    }
  }

  func peek<Value: Decodable>(_ session: String, as type: Value.Type) async throws -> Value? {
    switch self {
    case .asynchronous(let client): try await client.peek(session, as: type)
    case .blocking(let client): try client.peek(session, as: type)
    }
  }

  func getMany<Value: Decodable>(
    _ session: String, _ keys: [String], as type: Value.Type
  ) async throws -> Value? {
    switch self {
    case .asynchronous(let client): try await client.getMany(session, keys, as: type)
    case .blocking(let client): try client.getMany(session, keys, as: type)
    }
  }

  func exists(_ session: String) async throws -> Bool {
    switch self {
    case .asynchronous(let client): try await client.exists(session)
    case .blocking(let client): try client.exists(session)
    }
  }
}
