/// A reactor's connections by number. The number of one that was closed is used again, so a token
/// holds how often it was used, too: an event for the one that was there before finds nothing.
struct ConnectionTable {
  struct Token: Equatable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(number: Int, generation: UInt32) {
      rawValue = UInt64(generation) << 32 | UInt64(number)
    }

    var number: Int { Int(rawValue & 0xFFFF_FFFF) }
    var generation: UInt32 { UInt32(rawValue >> 32) }
  }

  private struct Entry {
    var connection: Connection?
    /// Never 0, so that no token is 0.
    var generation: UInt32 = 1
  }

  private var entries: [Entry] = []
  private var unused: [Int] = []
  private(set) var count = 0

  mutating func insert(_ connection: Connection) -> Token {
    let number: Int
    if let free = unused.popLast() {
      number = free
    } else {
      number = entries.count
      entries.append(Entry())
    }
    entries[number].connection = connection
    count += 1
    return Token(number: number, generation: entries[number].generation)
  }

  subscript(token: Token) -> Connection? {
    guard token.number < entries.count, entries[token.number].generation == token.generation else {
      return nil
    }
    return entries[token.number].connection
  }

  mutating func remove(_ token: Token) -> Connection? {
    guard let connection = self[token] else { return nil }
    entries[token.number].connection = nil
    entries[token.number].generation =
      entries[token.number].generation == .max ? 1 : entries[token.number].generation + 1
    unused.append(token.number)
    count -= 1
    return connection
  }

  /// The tokens of all connections that there are now.
  var tokens: [Token] {
    entries.indices.compactMap { number in
      entries[number].connection == nil ? nil : Token(number: number, generation: entries[number].generation)
    }
  }
}
