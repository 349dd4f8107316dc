/// A request that is the same for each session but for the id, so that naming another one takes no more than a copy.
struct RequestTemplate: Sendable {
  /// For the session that was named last.
  private(set) var bytes: [UInt8]
  /// Where the id begins: as often as the request names it.
  private let places: [Int]

  /// - Parameter request: the request for a session; it names the id once at least, and has the same length for all.
  init(_ request: (_ id: String) throws -> [UInt8]) throws {
    let placeholder = SessionShape.id(0)
    let line = try request(placeholder)
    bytes = line
    places = line.indices.filter { line[$0...].starts(with: placeholder.utf8) }
    guard !places.isEmpty else { throw BenchmarkFailure("the request does not name the session") }
  }

  /// - Parameter id: one of `SessionShape.id`.
  mutating func name(_ id: String) {
    for start in places {
      var place = start
      for byte in id.utf8 {
        bytes[place] = byte
        place += 1
      }
    }
  }

  /// Adds the request for a session to others. Takes no memory where `buffer` has room.
  ///
  /// - Parameter id: the bytes of one of `SessionShape.id`.
  func append(naming id: ArraySlice<UInt8>, to buffer: inout [UInt8]) {
    let end = buffer.count
    buffer.append(contentsOf: bytes)
    for start in places {
      var place = end + start
      for byte in id {
        buffer[place] = byte
        place += 1
      }
    }
  }
}
