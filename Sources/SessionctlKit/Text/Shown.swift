package import SessionClient

/// Values as a person likes to see them.
package enum Shown {
  /// A string without its quotes, unless it holds control characters that a terminal would obey; anything
  /// else as JSON.
  ///
  /// - Parameter onTerminal: whether it is for one, where nothing may be hidden either.
  package static func value(_ raw: SessionJSON, onTerminal: Bool = false) throws -> String {
    let value = try SessionValue(json: raw.text)
    let isRefused = onTerminal ? isHidden : isControl
    guard let text = value.stringValue, !text.unicodeScalars.contains(where: isRefused) else {
      return onTerminal ? DisplayWidth.printableJSON(raw.text) : raw.text
    }
    return text
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    DisplayWidth.isHidden(scalar) && scalar != "\n" && scalar != "\t"
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
  }

  /// A line for each key, with the values in a column.
  ///
  /// - Parameter onTerminal: whether they are for one, which gets nothing that it would obey.
  package static func lines(_ object: SessionValue.Object, onTerminal: Bool = false) -> [String] {
    let rows = object.map { [$0.key, $0.value.description] }
    guard onTerminal else { return columns(rows) }
    return columns(rows.map { [DisplayWidth.printable($0[0]), DisplayWidth.printableJSON($0[1])] })
  }

  /// Rows with their cells in columns, the last one as long as it likes.
  package static func columns(_ rows: [[String]]) -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (position, cell) in row.enumerated() {
        if position == widths.count { widths.append(0) }
        widths[position] = max(widths[position], cell.count)
      }
    }
    return rows.map { row in
      row.enumerated().map { position, cell in
        position == row.count - 1 ? cell : cell + spaces(widths[position] - cell.count)
      }.joined(separator: "  ")
    }
  }

  package static func right(_ text: String, _ width: Int) -> String {
    spaces(width - text.count) + text
  }

  private static func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
  }

  /// 1234567 as 1,234,567.
  package static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var grouped = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { grouped += "," }
      grouped.append(digit)
    }
    return (number < 0 ? "-" : "") + grouped
  }

  /// Bytes in the unit that fits, in steps of 1024.
  package static func bytes(_ count: Int) -> String {
    var amount = Double(count)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024, unit < units.count - 1 {
      amount /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(tenths(amount)) \(units[unit])"
  }

  /// Seconds as 3d 4h, 5m 6s or 7.5s.
  package static func duration(_ seconds: Double) -> String {
    guard seconds >= 60 else { return "\(tenths(max(0, seconds)))s" }
    let whole = Int(min(seconds, 1e15))
    let parts = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
    let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
    return shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }

  /// So many a second: whole numbers from a hundred on, tenths below.
  package static func rate(_ perSecond: Double) -> String {
    guard perSecond.magnitude >= 100, perSecond.isFinite, perSecond.magnitude < 1e15 else {
      return perSecond == 0 ? "0" : tenths(perSecond)
    }
    return count(Int(perSecond.rounded()))
  }

  /// A part of a whole, 0 to 1, in percent.
  package static func percent(_ part: Double) -> String { "\(tenths(part * 100)) %" }

  /// A number with one decimal.
  package static func tenths(_ number: Double) -> String {
    guard number.isFinite, number.magnitude < 1e15 else { return "-" }
    let tenths = Int((number.magnitude * 10).rounded())
    return "\(number < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
  }
}
