import Glibc

/// Standard output for a script that waits for each line.
enum Report {
  static func line(_ text: String) {
    print(text)
    fflush(nil)
  }

  /// With one decimal.
  static func tenths(_ value: Double) -> String { ColumnText.decimals(value, 1) }
}
