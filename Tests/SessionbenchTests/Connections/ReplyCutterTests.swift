import TestSupport
import Testing

@testable import sessionbench

@Suite("Cutting replies")
struct ReplyCutterTests {
  /// A reply that is a success.
  private func reply(_ wire: Wire, _ random: inout SplitMix64) -> String {
    let value = "\"" + String(repeating: "v", count: random.length(most: 70_000)) + "\""
    // What looks like the protocol's own, and what a value of memcached or Redis may hold.
    let odd = "\r\nEND\r\n$5\r\nOK\n"
    switch wire {
    case .lines:
      return ["OK\n", "OK 12\n", "OK \(value)\n"].randomElement(using: &random)!
    case .resp:
      return ["+OK\r\n", ":0\r\n", "$0\r\n\r\n", bulk(value), bulk(odd)].randomElement(using: &random)!
    case .memcached:
      let values = [value, odd, ""].map { "VALUE key 0 \($0.utf8.count)\r\n\($0)\r\nEND\r\n" }
      return (values + ["STORED\r\n"]).randomElement(using: &random)!
    }
  }

  private func bulk(_ value: String) -> String { "$\(value.utf8.count)\r\n\(value)\r\n" }

  /// Cuts a stream that comes in pieces of random lengths.
  ///
  /// - Returns: the offsets before which a piece ended, each with how many replies had been found by then.
  private func cut(
    _ stream: [UInt8], _ wire: Wire, _ random: inout SplitMix64
  ) throws -> [(offset: Int, replies: Int)] {
    var cutter = ReplyCutter(wire)
    var found: [(offset: Int, replies: Int)] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    var offset = 0
    var replies = 0
    while offset < stream.count {
      let count = min(stream.count - offset, 1 + random.length(most: buffer.count - 1))
      buffer.replaceSubrange(..<count, with: stream[offset..<offset + count])
      offset += count
      replies += try cutter.cut(buffer, count)
      found.append((offset, replies))
    }
    return found
  }

  @Test(
    "finds each reply just where it ends, however the stream is split",
    arguments: [Wire.lines, .resp, .memcached])
  func splits(_ wire: Wire) throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<200 {
      var stream: [UInt8] = []
      var ends: [Int] = []
      for _ in 0..<1 + random.pick(20) {
        stream += reply(wire, &random).utf8
        ends.append(stream.count)
      }
      for (offset, replies) in try cut(stream, wire, &random) {
        #expect(replies == ends.count { $0 <= offset })
      }
    }
  }

  @Test(
    "says what the server said where that is no success, however it is split",
    arguments: [
      (Wire.lines, "NIL\n", "NIL"),
      (.lines, "ERR full no room\n", "ERR full no room"),
      (.lines, "\n", ""),
      (.resp, "$-1\r\n", "$-1"),
      (.resp, "-ERR unknown\r\n", "-ERR unknown"),
      (.resp, "$\r\n", "$"),
      (.resp, "*1\r\n", "*1"),
      (.resp, "$99999999999999999999\r\n", "$99999999999999999999"),
      (.memcached, "END\r\n", "END"),
      (.memcached, "SERVER_ERROR out of memory\r\n", "SERVER_ERROR out of memory"),
      (.memcached, "VALUE key 0 2\r\nab\r\nVALUE key 0 2\r\nab\r\nEND\r\n", "VALUE key 0 2"),
    ])
  func failures(_ wire: Wire, _ text: String, _ said: String) throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<50 {
      let stream = reply(wire, &random) + text
      do {
        _ = try cut(Array(stream.utf8), wire, &random)
        Issue.record("\(text) passed for a success")
      } catch let failure as BenchmarkFailure {
        #expect(failure.description == "the server answered: \(said)")
      }
    }
  }

  @Test("shows no more of a long line than its beginning")
  func longLine() throws {
    var random = SplitMix64(seed: 3)
    let line = "ERR " + String(repeating: "x", count: 100_000) + "\n"
    do {
      _ = try cut(Array(line.utf8), .lines, &random)
      Issue.record("an error passed for a success")
    } catch let failure as BenchmarkFailure {
      #expect(failure.description.utf8.count < 300)
    }
  }
}
