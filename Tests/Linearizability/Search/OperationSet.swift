/// A set of small numbers, nearly all of the lowest and none of the highest: operations that are placed.
struct OperationSet {
  /// The set without the words that are full or empty all the way to the end, equal for equal sets.
  struct Key: Hashable {
    let fullWords: Int
    let words: [UInt64]
  }

  private var words: [UInt64]
  /// All words before this one are full.
  private var fullWords = 0
  /// All words from this one on are empty.
  private var usedWords = 0

  init(count: Int) {
    words = Array(repeating: 0, count: count / 64 + 1)
  }

  func contains(_ number: Int) -> Bool {
    words[number / 64] >> UInt64(number % 64) & 1 == 1
  }

  mutating func insert(_ number: Int) {
    words[number / 64] |= 1 << UInt64(number % 64)
    usedWords = max(usedWords, number / 64 + 1)
    while fullWords < words.count && words[fullWords] == .max { fullWords += 1 }
  }

  mutating func remove(_ number: Int) {
    words[number / 64] &= ~(1 << UInt64(number % 64))
    fullWords = min(fullWords, number / 64)
    while usedWords > 0 && words[usedWords - 1] == 0 { usedWords -= 1 }
  }

  var key: Key {
    Key(fullWords: fullWords, words: fullWords < usedWords ? Array(words[fullWords..<usedWords]) : [])
  }
}
