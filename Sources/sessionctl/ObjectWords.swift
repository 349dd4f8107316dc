import ArgumentParser
import SessionClient

/// The keys and values of a command line: one JSON object, or words of the form key=value.
struct ObjectWords {
  /// The object to store.
  let object: SessionJSON
  /// The words that were no JSON and are taken as strings.
  let strings: [ValueWord]

  init(_ words: [String]) throws {
    if words.count == 1, words[0].drop(while: \.isWhitespace).first == "{" {
      do throws(SessionError) {
        object = try SessionJSON(words[0])
      } catch {
        let reason = if case .decoding(let reason) = error { reason } else { error.description }
        throw ValidationError("The object is no JSON: \(reason).")
      }
      strings = []
      return
    }
    var fields: [(String, ValueWord)] = []
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw ValidationError("\(word) is neither a JSON object nor of the form key=value.")
      }
      fields.append((String(word[..<equals]), ValueWord(String(word[word.index(after: equals)...]))))
    }
    object = SessionJSON(object: fields.map { ($0.0, $0.1.json) })
    strings = fields.map(\.1).filter(\.isString)
  }

  /// Tells the person what was made of the words, where that may not be what was meant.
  func sayWhatTheyAre() {
    for string in strings { string.sayWhatItIs() }
  }
}
