import SystemCalls

extension RedisStore {
  /// So many records are asked for with one command: the server answers nobody else meanwhile.
  private static let keysPerCommand = 32
  /// So many commands with one wait.
  private static let commandsPerWait = 16

  public func load(_ ids: [[UInt8]]) throws(StoreError) -> [StoreFinding] {
    let now = clock.wallClock()
    var damaged: [RedisCommand] = []
    let records = try firstValues(of: ids).enumerated().map { index, value -> StoreFinding in
      guard let value else { return .nothing }
      switch RedisValue.read(value, id: ids[index]) {
      case .record(let record): return record.deadline > now ? .record(record) : .nothing
      case .foreign: break
      case .damaged:
        var command = RedisScript.spoil.evaluated(key: key("s:", ids[index]))
        command.append(value)
        damaged.append(command)
      }
      self.damaged.withLock { $0.note(ids[index]) }
      return .damaged
    }
    // Where the server refuses, nothing is lost: it will be found damaged again.
    if !damaged.isEmpty { _ = try loading.exchange(damaged) }
    return records
  }

  /// The values of the first records: a few, by which it is told how many more can be asked for at once.
  private func firstValues(of ids: [[UInt8]]) throws(StoreError) -> [[UInt8]?] {
    var values: [[UInt8]?] = []
    var bytes = 0
    var count = Self.keysPerCommand
    while values.count < ids.count, bytes < StoreLimits.answerBytes {
      let part = try self.values(of: Array(ids[values.count...].prefix(count)))
      values += part
      bytes += part.reduce(0) { $0 + ($1?.count ?? 0) }
      count = max(1, (StoreLimits.answerBytes - bytes) / max(1, bytes / values.count))
    }
    return values
  }

  /// The values of records, nil where there is none.
  func values(of ids: [[UInt8]]) throws(StoreError) -> [[UInt8]?] {
    var values: [[UInt8]?] = []
    values.reserveCapacity(ids.count)
    var rest = ids[...]
    while !rest.isEmpty {
      var commands: [RedisCommand] = []
      var counts: [Int] = []
      while !rest.isEmpty, commands.count < Self.commandsPerWait {
        var command = RedisCommand("MGET")
        let part = rest.prefix(Self.keysPerCommand)
        for id in part { command.append(key("s:", id)) }
        commands.append(command)
        counts.append(part.count)
        rest = rest.dropFirst(part.count)
      }
      for (reply, count) in zip(try loading.exchange(commands), counts) {
        guard let elements = reply.elements, elements.count == count,
          elements.allSatisfy({ $0 == .null || $0.bytes != nil })
        else {
          throw failure(reply, on: loading)
        }
        values.append(contentsOf: elements.map(\.bytes))
      }
    }
    return values
  }
}
