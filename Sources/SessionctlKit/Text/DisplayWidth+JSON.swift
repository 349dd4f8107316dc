extension DisplayWidth {
  /// JSON of the same value, with what a terminal would obey, or not show, written out as JSON does.
  package static func printableJSON(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      if !isHidden(scalar) {
        shown.unicodeScalars.append(scalar)
      } else if scalar.value < 0x20 {
        // Only between values, where it is space; inside of strings JSON has none of these.
        shown += " "
      } else {
        for unit in String(scalar).utf16 { shown += escape(unit) }
      }
    }
    return shown
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
