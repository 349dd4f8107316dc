import SessionWire

/// Puts a JSON object together, for replies that are rare. Names and strings are the program's own:
/// plain ASCII without quotes.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func beginObject(_ name: StaticString) { beginObject(name.description) }

  mutating func beginObject(_ name: String) {
    begin(name)
    beginObject()
  }

  mutating func beginObject() {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  mutating func endObject() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  mutating func member(_ name: StaticString, _ number: some FixedWidthInteger) {
    begin(name.description)
    bytes.appendDecimal(number)
  }

  mutating func member(_ name: StaticString, string: String) {
    begin(name.description)
    bytes.append(contentsOf: "\"\(string)\"".utf8)
  }

  mutating func member(_ name: StaticString, seconds nanoseconds: Int64) {
    begin(name.description)
    bytes.appendSeconds(nanoseconds)
  }

  mutating func member(_ name: StaticString, microseconds nanoseconds: UInt64) {
    begin(name.description)
    bytes.appendThousandths(Int64(clamping: nanoseconds))
  }

  private mutating func begin(_ name: String) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    bytes.append(contentsOf: "\"\(name)\":".utf8)
    needsComma = true
  }
}
