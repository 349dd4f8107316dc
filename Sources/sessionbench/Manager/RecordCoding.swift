import FoundationEssentials

/// Records to JSON and back, by the coders that an application has at hand; they are made once. Not for two threads
/// at a time.
struct RecordCoding {
  private let encoder = JSONEncoder()
  private let decoder = JSONDecoder()

  /// - Parameter body: gets the JSON text, which is there for as long as it runs.
  func withEncoded<Result>(
    _ record: SessionRecord, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try encoder.encode(record).withUnsafeBytes(body)
  }

  func decode(_ json: UnsafeRawBufferPointer) throws -> SessionRecord {
    try decoder.decode(SessionRecord.self, from: Data(json))
  }
}
