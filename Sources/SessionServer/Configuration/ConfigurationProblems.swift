/// Gathers what is wrong with a configuration, so that whoever mends it learns of everything at once.
final class ConfigurationProblems {
  private(set) var lines: [String] = []
  /// Settings whose value can't be used. What would follow from one of them is not asked.
  private(set) var bad: Set<Setting> = []

  func add(_ line: String) {
    lines.append(line)
  }

  /// Stores what a setting was read as; leaves what is there where nobody says (nil) or where it can't be used, which is
  /// noted.
  func read<Value>(
    _ setting: Setting, into place: inout Value,
    _ value: @autoclosure () throws(ConfigurationError) -> Value?
  ) {
    do throws(ConfigurationError) {
      if let value = try value() { place = value }
    } catch {
      bad.insert(setting)
      lines += error.problems
    }
  }
}
