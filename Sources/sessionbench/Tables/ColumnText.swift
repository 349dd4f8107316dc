/// Texts and numbers for tables.
enum ColumnText {
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A title, and cells under each other.
  static func row(_ title: String, _ titleWidth: Int, _ cells: [String], _ width: Int) -> String {
    left(title, titleWidth) + cells.map { right($0, width) }.joined()
  }

  /// A finite number with so many decimals, rounded.
  static func decimals(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
    let scaled = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    return "\(sign)\(scaled / scale).\(String(scale + scaled % scale).dropFirst())"
  }

  /// Likewise, with commas between the thousands.
  static func grouped(_ value: Double, _ places: Int = 0) -> String {
    let plain = decimals(value, places)
    let sign = plain.prefix { $0 == "-" }
    let whole = plain.dropFirst(sign.count).prefix { $0 != "." }
    var text = String(sign)
    for (place, digit) in whole.enumerated() {
      if place > 0, (whole.count - place).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text + plain.dropFirst(sign.count + whole.count)
  }

  /// With as many decimals as say something.
  static func number(_ value: Double) -> String {
    switch value.magnitude {
    case ..<10: decimals(value, 2)
    case ..<100: decimals(value, 1)
    default: decimals(value, 0)
    }
  }
}
