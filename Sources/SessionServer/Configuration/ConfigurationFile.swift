/// A configuration file: `KEY=value` lines, empty lines, and comments that begin with `#` or `;`. A
/// value may stand in double quotes. The last line for a key counts.
struct ConfigurationFile {
  let path: String
  let values: [Setting: SourcedValue]

  init(path: String, text: String) throws(ConfigurationError) {
    self.path = path
    var values: [Setting: SourcedValue] = [:]
    // A carriage return and a line feed are one Character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      let line = Self.trim(line)
      guard let first = line.first, first != "#", first != ";" else { continue }
      let place = "\(path), line \(index + 1)"
      guard let equals = line.firstIndex(of: "=") else {
        throw ConfigurationError("\(place): a line is KEY=value, a comment, or empty")
      }
      let key = Self.trim(line[..<equals])
      guard let setting = Setting(fileKey: key) else {
        throw ConfigurationError("\(place): there is no setting '\(key)'; sessiond --help lists them")
      }
      var value = Self.trim(line[line.index(after: equals)...])
      if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
      values[setting] = SourcedValue(text: String(value), source: "\(place): \(setting.name)")
    }
    self.values = values
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" || first == "\r" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return text
  }
}

/// A setting's value and where it was read, for the error that may be made of it.
struct SourcedValue: Equatable {
  let text: String
  let source: String
}
