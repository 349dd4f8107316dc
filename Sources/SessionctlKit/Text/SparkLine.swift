/// Numbers as a row of bars, each a character.
package enum SparkLine {
  private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The last numbers, as many as there are columns for; the highest bar is the largest of them. Numbers below
  /// zero and such as are none count as zero.
  package static func text(_ numbers: [Double], columns: Int) -> String {
    let shown = numbers.suffix(max(0, columns)).map { $0.isFinite ? max(0, $0) : 0 }
    let most = shown.max() ?? 0
    return String(
      shown.map { number in
        most > 0 ? bars[min(bars.count - 1, Int(number / most * Double(bars.count)))] : bars[0]
      })
  }

  /// A part of a whole, 0 to 1, as a bar of so many columns between brackets.
  package static func gauge(_ part: Double, columns: Int) -> String {
    let whole = max(0, columns - 2)
    let filled = part.isFinite ? min(whole, max(0, Int((part * Double(whole)).rounded()))) : 0
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: whole - filled) + "]"
  }
}
