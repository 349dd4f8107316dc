/// A command and its settings: `record socket=/tmp/s sessions=3`.
struct Arguments {
  let command: String
  private var settings: [String: String] = [:]

  init(_ words: some Sequence<String>) throws {
    var words = Array(words)[...]
    guard let command = words.popFirst() else {
      throw ProbeFailure("usage: sessionprobe COMMAND NAME=VALUE…")
    }
    self.command = command
    for word in words {
      guard let equals = word.firstIndex(of: "=") else { throw ProbeFailure("no NAME=VALUE: \(word)") }
      settings[String(word[..<equals])] = String(word[word.index(after: equals)...])
    }
  }

  func text(_ name: String) throws -> String {
    guard let text = settings[name] else { throw ProbeFailure("\(command) needs \(name)=…") }
    return text
  }

  func number<Number: LosslessStringConvertible>(_ name: String, as type: Number.Type = Int.self) throws
    -> Number
  {
    guard let number = Number(try text(name)) else { throw ProbeFailure("\(name) is no number") }
    return number
  }
}
