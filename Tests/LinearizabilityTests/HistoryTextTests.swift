import Linearizability
import TestSupport
import Testing

@Suite("Histories as text")
struct HistoryTextTests {
  @Test("what was written is read again, whatever it is")
  func roundTrip() throws {
    var simulation = StoreSimulation(seed: 7)
    let history = simulation.history(count: 500, spread: 200, lost: 10)
    var text = ""
    for (number, operation) in history.enumerated() {
      text += HistoryText.began(number, at: operation.begin, session: "s1", operation.call)
      if let outcome = operation.outcome { text += HistoryText.ended(number, at: operation.end, outcome) }
    }
    var parser = HistoryParser()
    try parser.add(text, client: "c")
    let expected = history.map {
      Operation($0.call, $0.outcome, $0.begin, $0.outcome == nil ? .max : $0.end, client: "c")
    }
    #expect(Set(parser.sessions["s1"] ?? []) == Set(expected))
    #expect(parser.count == 500)
  }

  @Test("a client that was killed leaves a request without reply, and half a line that counts for nothing")
  func killed() throws {
    var parser = HistoryParser()
    try parser.add("+ 0 5 s1 set any a 1\n- 0 6 version 3\n+ 1 7 s1 set any a 2\n- 1 8 vers", client: "c")
    let expected = [
      Operation(set(1), .version(3), 5, 6, client: "c"), Operation(set(2), nil, 7, .max, client: "c"),
    ]
    #expect(parser.sessions == ["s1": expected])
  }

  @Test("a request that was refused never was")
  func refused() throws {
    var parser = HistoryParser()
    try parser.add("+ 0 5 s1 delete\n- 0 6 refused\n", client: "c")
    #expect(parser.sessions.isEmpty)
  }

  @Test("where connections were lost, a delete may have been executed twice")
  func repeatedDelete() throws {
    var parser = HistoryParser(deletesMayRepeat: true)
    try parser.add("+ 0 5 s1 delete\n- 0 6 removed 0\n", client: "c")
    let expected = [
      Operation(.delete, .removed(0), 5, 6, client: "c"), Operation(.delete, nil, 5, 6, client: "c"),
    ]
    #expect(parser.sessions == ["s1": expected])
  }

  @Test(
    "what is no line of a history is refused",
    arguments: [
      "+", "- 0 6 version 3", "+ 0 5 s1", "+ 0 5 s1 fly", "+ 0 x s1 delete", "+ 0 5 s1 set maybe a 1",
      "+ 0 5 s1 set any a", "+ 0 5 s1 delete\n- 0 6 fine", "+ 0 5 s1 delete\n* 0 6 removed 1",
    ])
  func malformed(text: String) {
    var parser = HistoryParser()
    #expect(throws: HistoryParser.Malformed.self) { try parser.add("\(text)\n", client: "c") }
  }
}
