/// A command: its words, one behind the other.
struct RedisCommand: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  private(set) var lengths: [Int] = []

  init(_ words: String...) {
    for word in words { append(word) }
  }

  mutating func append(_ word: String) {
    lengths.append(word.utf8.count)
    bytes.append(contentsOf: word.utf8)
  }

  mutating func append(_ word: some Collection<UInt8>) {
    lengths.append(word.count)
    bytes.append(contentsOf: word)
  }

  mutating func append(_ number: some FixedWidthInteger) {
    append(String(number))
  }
}
