internal import SessionWire

/// Puts answers together in the words in which the daemon gives them.
struct LocalJSON {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func beginObject() {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  mutating func endObject() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  mutating func member(_ name: String, json: [UInt8]) {
    begin(name)
    bytes.append(contentsOf: json)
  }

  mutating func member(_ name: String, _ number: Int) {
    begin(name)
    bytes.appendDecimal(number)
  }

  mutating func member(_ name: String, seconds nanoseconds: Int64) {
    begin(name)
    bytes.appendSeconds(nanoseconds)
  }

  mutating func member(_ name: String, string: String) {
    begin(name)
    RequestWriter.appendString(string, to: &bytes)
  }

  mutating func member(_ name: String, strings: [String]) {
    begin(name)
    bytes.append(UInt8(ascii: "["))
    for (position, string) in strings.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      RequestWriter.appendString(string, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func begin(_ name: String) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    RequestWriter.appendString(name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    needsComma = true
  }
}
