import SessionWire
import Testing

@testable import SessionServer

@Suite("A batch of replies")
struct ReplyBatchTests {
  /// Replies; with those that begin with M goes a descriptor.
  private func batch(_ lines: String...) -> ReplyBatch {
    var batch = ReplyBatch()
    for line in lines {
      if line.hasPrefix("M") { batch.attachDescriptor() }
      batch.bytes += Array("\(line)\n".utf8)
    }
    return batch
  }

  private func pieces(_ batch: ReplyBatch) -> [String] {
    var batch = batch
    var pieces: [String] = []
    var position = 0
    while position < batch.bytes.count, pieces.count < 100 {
      let piece = batch.piece(from: position)
      let text = String(decoding: batch.bytes[piece.range], as: UTF8.self)
      pieces.append((piece.carriesDescriptor ? "+" : "") + text)
      if piece.carriesDescriptor { batch.removeFirstDescriptor() }
      position = piece.range.upperBound
    }
    return pieces
  }

  @Test("is one piece if no descriptor goes with it, and else cut where those replies begin")
  func cut() {
    #expect(pieces(batch()) == [])
    #expect(pieces(batch("a", "b")) == ["a\nb\n"])
    #expect(pieces(batch("M1")) == ["+M1\n"])
    #expect(pieces(batch("M1", "b")) == ["+M1\nb\n"])
    #expect(
      pieces(batch("a", "b", "M1", "M2", "c", "M3")) == ["a\nb\n", "+M1\n", "+M2\nc\n", "+M3\n"])
  }

  @Test("puts an error in the place of a reply whose descriptor can't go, and moves the others")
  func refusal() {
    var batch = batch("a", "M1", "b", "M2 is longer than the error that comes in its place", "c", "M3")
    batch.refuseFirstDescriptor(RequestError(.unavailable, "it is not to be"))
    #expect(pieces(batch)[0] == "a\nERR unavailable it is not to be\nb\n")
    #expect(pieces(batch)[2] == "+M3\n")
    batch.refuseFirstDescriptor(RequestError(.denied, "no"))
    #expect(pieces(batch) == ["a\nERR unavailable it is not to be\nb\nERR denied no\nc\n", "+M3\n"])
    batch.refuseFirstDescriptor(RequestError(.denied, "no"))
    #expect(pieces(batch) == ["a\nERR unavailable it is not to be\nb\nERR denied no\nc\nERR denied no\n"])
  }

  @Test("takes what is left of another one")
  func append() {
    var other = batch("M1", "a", "M2", "M3")
    other.removeFirstDescriptor()
    var batch = batch("x", "M0")
    // What is left from the "1" on.
    batch.append(other, from: 1)
    #expect(pieces(batch) == ["x\n", "+M0\n1\na\n", "+M2\n", "+M3\n"])
    batch.removeAll(keepingCapacity: true)
    #expect(pieces(batch) == [])
    #expect(batch.descriptorPositions.isEmpty)
  }
}
