/// All requests that a load can make, ready to be copied: an id in a template.
struct RequestBook: Sendable {
  private let ids: [UInt8]
  /// One of each for each length of a value.
  private let reads: [RequestTemplate]
  private let writes: [RequestTemplate]

  /// - Parameters:
  ///   - first: the number of the first session.
  ///   - sessions: how many there are.
  init(_ server: Server, first: Int, sessions: Int, _ sizes: ValueSizes) throws {
    var ids: [UInt8] = []
    ids.reserveCapacity(sessions * SessionShape.idBytes)
    for number in first..<first + sessions { ids += SessionShape.id(number).utf8 }
    self.ids = ids
    reads = try sizes.bytes.map { _ in try RequestTemplate(server.read) }
    writes = try sizes.bytes.map { bytes in
      try RequestTemplate { try server.write($0, "\"\(Self.value(bytes))\"") }
    }
  }

  /// The text that is written, the same to every session.
  static func value(_ bytes: Int) -> String { String(repeating: "v", count: bytes) }

  /// Adds a request. Takes no memory where `bytes` has room.
  func append(_ request: WorkOrder.Request, to bytes: inout [UInt8]) {
    let size = request.session % reads.count
    let start = request.session * SessionShape.idBytes
    let id = ids[start..<start + SessionShape.idBytes]
    if request.isWrite {
      writes[size].append(naming: id, to: &bytes)
    } else {
      reads[size].append(naming: id, to: &bytes)
    }
  }
}
