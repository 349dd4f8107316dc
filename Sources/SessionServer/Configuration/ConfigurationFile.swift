/// A configuration file: `KEY=value` lines, empty lines, and comments that begin with `#` or `;`. A
/// value may stand in double quotes. The last line for a key counts, and that there are others is warned of.
struct ConfigurationFile {
  let path: String
  let values: [Setting: SourcedValue]
  /// What is wrong with other lines, in their order.
  let problems: [String]
  /// For each key that stands there more than once, where; in the order of the lines that count.
  let warnings: [String]

  /// So many wrong lines are told of one by one: who named some other file by mistake need not read all of it.
  private static let problemsMost = 50

  init(path: String, text: String) {
    self.path = path
    var values: [Setting: SourcedValue] = [:]
    var problems: [String] = []
    var doubles: [Setting: (line: Int, warning: String)] = [:]
    // A carriage return and a line feed are one Character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      let line = Self.trim(line)
      guard let first = line.first, first != "#", first != ";" else { continue }
      let place = "\(path), line \(index + 1)"
      guard let equals = line.firstIndex(of: "=") else {
        problems.append("\(place): a line is KEY=value, a comment, or empty")
        continue
      }
      let key = Self.trim(line[..<equals])
      guard let setting = Setting(fileKey: key) else {
        let remedy =
          Setting.resembling(key).map { "did you mean '\($0.name)'?" } ?? "sessiond --help lists them"
        problems.append("\(place): there is no setting '\(key)'; \(remedy)")
        continue
      }
      var value = Self.trim(line[line.index(after: equals)...])
      if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
      if case .file(_, let earlier)? = values[setting]?.origin {
        doubles[setting] = (
          index, "\(place): \(setting.name) stands on line \(earlier), too; the last counts"
        )
      }
      values[setting] = SourcedValue(
        setting: setting, text: String(value), origin: .file(path: path, line: index + 1))
    }
    self.values = values
    warnings = doubles.values.sorted { $0.line < $1.line }.map { $0.warning }
    let more = problems.count - Self.problemsMost
    self.problems =
      more > 0
      ? Array(problems.prefix(Self.problemsMost)) + ["\(path): \(more) more lines are wrong"] : problems
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" || first == "\r" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return text
  }
}
