import SessionWire
import Testing

@testable import SessionClient

@Suite struct ReplyReaderTests {
  private static let stream = Array("OK\nOK \"x\"\nNIL\nERR full no room\nOK 1".utf8)
  private static let replies: [ReplyLine] = [
    .done, .value(Array("\"x\"".utf8)), .none, .refused(.full, text: "no room"),
  ]

  @Test("replies are the same for every split of the bytes into three pieces")
  func everySplit() {
    let stream = Self.stream
    for first in 0...stream.count {
      for second in first...stream.count {
        var reader = ReplyReader(lineBytesMax: 100)
        var replies: [ReplyLine] = []
        for piece in [stream[..<first], stream[first..<second], stream[second...]] {
          let (some, violation) = reader.read(piece)
          #expect(violation == nil)
          replies += some
        }
        #expect(replies == Self.replies)
      }
    }
  }

  @Test("replies before nonsense stand")
  func violation() {
    var reader = ReplyReader(lineBytesMax: 100)
    let (replies, violation) = reader.read(Array("OK\nwhat\nOK\n".utf8)[...])
    #expect(replies == [.done])
    #expect(violation?.contains("what") == true)
  }

  @Test("the bound holds for a line in one piece and in many")
  func bound() {
    var reader = ReplyReader(lineBytesMax: 5)
    #expect(reader.read(Array("OK 12\n".utf8)[...]).replies == [.value(Array("12".utf8))])
    #expect(reader.read(Array("OK 123\n".utf8)[...]).violation != nil)
    var slow = ReplyReader(lineBytesMax: 5)
    var violations = 0
    for byte in Array("OK 123".utf8) where slow.read([byte]).violation != nil { violations += 1 }
    #expect(violations == 1)
  }
}
