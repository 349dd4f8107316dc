import Linearizability
import TestSupport
import Testing

@Suite("Histories as text")
struct HistoryTextTests {
  @Test("what was written is read again, whatever it is")
  func roundTrip() throws {
    var simulation = StoreSimulation(seed: 7)
    let histories = simulation.histories(
      of: ["s1", "s2"], count: 500, spread: 200, lost: 10, changesIDs: 20)
    var text = ""
    var number = 0
    for (id, history) in histories {
      for operation in history {
        text += HistoryText.began(number, at: operation.begin, session: id, operation.call)
        if let outcome = operation.outcome {
          text += HistoryText.ended(number, at: operation.end, outcome)
        }
        number += 1
      }
    }
    var parser = HistoryParser()
    try parser.add(text, client: "c")
    for (id, history) in histories {
      let expected = history.map {
        Operation($0.call, $0.outcome, $0.begin, $0.outcome == nil ? .max : $0.end, client: "c")
      }
      #expect(Set(parser.sessions[id] ?? []) == Set(expected))
    }
    #expect(parser.count == 500)
  }

  @Test("a rename is written with its grace, and what came of it")
  func renames() throws {
    #expect(
      HistoryText.began(4, at: 5, session: "x", rename(to: "y", grace: 2_000)) == "+ 4 5 x rename y 2000\n")
    #expect(HistoryText.began(4, at: 5, session: "x", rename(to: "y")) == "+ 4 5 x rename y at-once\n")
    #expect(HistoryText.ended(4, at: 6, .renamed) == "- 4 6 renamed\n")
    #expect(HistoryText.ended(4, at: 6, .revoked) == "- 4 6 revoked\n")
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

  @Test(
    "where connections were lost, a delete or revoke may have been executed twice",
    arguments: [("delete", Call.delete), ("revoke", .revoke)])
  func repeated(word: String, call: Call) throws {
    var parser = HistoryParser(deletesMayRepeat: true)
    try parser.add("+ 0 5 s1 \(word)\n- 0 6 removed 0\n", client: "c")
    let expected = [Operation(call, .removed(0), 5, 6, client: "c"), Operation(call, nil, 5, 6, client: "c")]
    #expect(parser.sessions == ["s1": expected])
  }

  @Test(
    "what is no line of a history is refused",
    arguments: [
      "+", "- 0 6 version 3", "+ 0 5 s1", "+ 0 5 s1 fly", "+ 0 x s1 delete", "+ 0 5 s1 set maybe a 1",
      "+ 0 5 s1 set any a", "+ 0 5 s1 rename s2", "+ 0 5 s1 rename s2 soon", "+ 0 5 s1 delete\n- 0 6 fine",
      "+ 0 5 s1 delete\n* 0 6 removed 1",
    ])
  func malformed(text: String) {
    var parser = HistoryParser()
    #expect(throws: HistoryParser.Malformed.self) { try parser.add("\(text)\n", client: "c") }
  }
}
