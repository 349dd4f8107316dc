/// Words of a command line as the system gives them: any bytes. Taken for text, those that are none would be mended, and
/// two ids become one.
package enum ArgumentBytes {
  /// What is wrong with the first word that is not UTF-8; nil where all are.
  package static func complaint(about words: [[UInt8]]) -> String? {
    for (index, word) in words.enumerated() where String(validating: word, as: UTF8.self) == nil {
      return "Argument \(index + 1) is not UTF-8: \(shown(word.prefix(200))). Nothing was sent."
    }
    return nil
  }

  /// Bytes that are no printable ASCII are written as a shell takes them between $' and '.
  private static func shown(_ word: ArraySlice<UInt8>) -> String {
    word.map { byte in
      if 0x20..<0x7F ~= byte, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "'") {
        return String(Unicode.Scalar(byte))
      }
      return (byte < 0x10 ? "\\x0" : "\\x") + String(byte, radix: 16)
    }.joined()
  }
}
