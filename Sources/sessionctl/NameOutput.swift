import SessionClient

/// Ids, a line each or as a JSON array. It prints as the pages come, so that a million ids need no memory.
struct NameOutput {
  private let asJSON: Bool
  /// Whether the array was begun, which waits for the first page: nothing is printed where there will be none.
  private var isBegun = false
  private var isFirst = true

  init(asJSON: Bool) { self.asJSON = asJSON }

  mutating func add(_ page: [String]) throws(Failure) {
    var text = asJSON && !isBegun ? "[" : ""
    isBegun = true
    for name in page {
      if asJSON {
        text += (isFirst ? "" : ",") + Terminal.json(SessionJSON(string: name).text)
      } else {
        text += Terminal.plain(name) + "\n"
      }
      isFirst = false
    }
    try Terminal.print(text, end: "")
  }

  /// Ends the array behind the last page.
  func end() throws(Failure) {
    if asJSON { try Terminal.print("]") }
  }
}
