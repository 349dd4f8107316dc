/// Puts a JSON object together, for replies that are rare. Names are the program's own: plain ASCII without quotes.
public struct JSONWriter {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init() {}

  public mutating func beginObject(_ name: StaticString) { beginObject(name.description) }

  public mutating func beginObject(_ name: String) {
    begin(name)
    beginObject()
  }

  public mutating func beginObject() {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  public mutating func endObject() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  public mutating func member(_ name: StaticString, _ number: some FixedWidthInteger) {
    begin(name.description)
    bytes.appendDecimal(number)
  }

  public mutating func member(_ name: StaticString, string: String) {
    begin(name.description)
    RequestWriter.appendString(string, to: &bytes)
  }

  public mutating func member(_ name: StaticString, strings: [String]) {
    begin(name.description)
    bytes.append(UInt8(ascii: "["))
    for (position, string) in strings.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      RequestWriter.appendString(string, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// - Parameter json: JSON text.
  public mutating func member(_ name: StaticString, json: [UInt8]) {
    begin(name.description)
    bytes.append(contentsOf: json)
  }

  public mutating func member(_ name: StaticString, seconds nanoseconds: Int64) {
    begin(name.description)
    bytes.appendSeconds(nanoseconds)
  }

  public mutating func member(_ name: StaticString, microseconds nanoseconds: UInt64) {
    begin(name.description)
    bytes.appendThousandths(Int64(clamping: nanoseconds))
  }

  /// - Parameters:
  ///   - key: any text.
  ///   - json: JSON text.
  public mutating func member(key: String, json: [UInt8]) {
    beginMember()
    RequestWriter.appendString(key, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(contentsOf: json)
  }

  private mutating func begin(_ name: String) {
    beginMember()
    bytes.append(contentsOf: "\"\(name)\":".utf8)
  }

  private mutating func beginMember() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}
