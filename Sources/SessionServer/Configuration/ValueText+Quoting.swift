/// Texts from outside in lines for people: they may hold anything, and must not write to a terminal or a journal for
/// whoever made them.
extension ValueText {
  /// Enough to know it again; who passed a whole file by mistake need not read all of it.
  private static let quotedScalarsMost = 200

  /// A value or a name in quotation marks, cut where it is long.
  static func quoted(_ text: some StringProtocol) -> String {
    let scalars = String(text).unicodeScalars
    let beginning = scalars.prefix(quotedScalarsMost)
    let isWhole = beginning.endIndex == scalars.endIndex
    return printable("'\(Substring(beginning))\(isWhole ? "" : "…")'")
  }

  /// A line in which control characters are written out as `\u{1B}`, and what turns the direction of writing as well.
  /// It stays as it is if it is given again.
  public static func printable(_ line: String) -> String {
    guard line.unicodeScalars.contains(where: isControl) else { return line }
    return line.unicodeScalars.reduce(into: "") { shown, scalar in
      if isControl(scalar) {
        shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    return switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: scalar.properties.isBidiControl
    }
  }
}
