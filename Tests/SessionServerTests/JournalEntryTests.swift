import Testing

@testable import SessionServer

@Suite("An entry of the journal")
struct JournalEntryTests {
  @Test("has a line a field")
  func fields() {
    var entry = JournalEntry()
    entry.add("MESSAGE", "it is = ready")
    entry.add("PRIORITY", "5")
    #expect(String(decoding: entry.bytes, as: UTF8.self) == "MESSAGE=it is = ready\nPRIORITY=5\n")
  }

  @Test("has no field that a value with line ends has slipped in")
  func lineEnds() {
    var entry = JournalEntry()
    entry.add("MESSAGE", "a\nPRIORITY=0")
    entry.add("SESSIOND_SOCKET", "")
    let expected =
      Array("MESSAGE\n".utf8) + [12, 0, 0, 0, 0, 0, 0, 0] + Array("a\nPRIORITY=0\nSESSIOND_SOCKET=\n".utf8)
    #expect(entry.bytes == expected)
  }

  @Test("is no longer than a datagram can be")
  func long() {
    var entry = JournalEntry()
    entry.add("MESSAGE", String(repeating: "x", count: 1 << 20))
    #expect(entry.bytes.count == "MESSAGE=".utf8.count + 4096 + 1)
  }

  @Test("is cut between two characters", arguments: ["é", "€", "𝄞"])
  func characters(character: Character) {
    for offset in 0..<4 {
      var entry = JournalEntry()
      entry.add("M", String(repeating: "x", count: 4096 - offset) + String(character) + "y")
      let text = String(validating: entry.bytes, as: UTF8.self)
      let isWhole = String(character).utf8.count <= offset
      #expect(text?.dropFirst(2).filter { $0 != "x" && $0 != "y" } == (isWhole ? "\(character)\n" : "\n"))
    }
  }
}
