import SessionClient

/// Ids, a line each or as a JSON array. It prints as the pages come, so that a million ids need no memory.
struct NameOutput {
  private let asJSON: Bool
  private var isFirst = true

  init(asJSON: Bool) {
    self.asJSON = asJSON
    if asJSON { print("[", terminator: "") }
  }

  mutating func add(_ name: String) {
    if asJSON {
      print(isFirst ? "" : ",", SessionJSON(string: name).text, separator: "", terminator: "")
    } else {
      print(name)
    }
    isFirst = false
  }

  func end() {
    if asJSON { print("]") }
  }
}
