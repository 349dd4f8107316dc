import SessionClient

/// Values as a person likes to see them.
enum Shown {
  /// A string without its quotes, unless it holds control characters that a terminal would obey; anything
  /// else as JSON.
  static func value(_ raw: SessionJSON) throws -> String {
    let value = try SessionValue(json: raw.text)
    guard let text = value.stringValue, !text.unicodeScalars.contains(where: isControl) else {
      return raw.text
    }
    return text
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
  }

  /// A line for each key, with the values in a column.
  static func lines(_ object: SessionValue.Object) -> [String] {
    columns(object.map { [$0.key, $0.value.description] })
  }

  /// Rows with their cells in columns, the last one as long as it likes.
  static func columns(_ rows: [[String]]) -> [String] {
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

  static func right(_ text: String, _ width: Int) -> String {
    spaces(width - text.count) + text
  }

  private static func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
  }

  /// 1234567 as 1,234,567.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var grouped = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { grouped += "," }
      grouped.append(digit)
    }
    return (number < 0 ? "-" : "") + grouped
  }

  /// Bytes in the unit that fits, in steps of 1024.
  static func bytes(_ count: Int) -> String {
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
  static func duration(_ seconds: Double) -> String {
    guard seconds >= 60 else { return "\(tenths(max(0, seconds)))s" }
    let whole = Int(min(seconds, 1e15))
    let parts = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
    let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
    return shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }

  /// A number with one decimal.
  static func tenths(_ number: Double) -> String {
    guard number.isFinite, number.magnitude < 1e15 else { return "-" }
    let tenths = Int((number.magnitude * 10).rounded())
    return "\(number < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
  }
}
