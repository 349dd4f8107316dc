/// A reply in words that both sides use: versions, points in time and random ids are taken out, since the sides give
/// others.
struct ModelReply: Equatable, CustomStringConvertible {
  var text: String
  /// In the order in which `{version}` stands in the text.
  var versions: [Int] = []
  /// Milliseconds since 1970, in the order in which `{time}` stands in the text.
  var times: [Int] = []

  init(_ text: String) { self.text = text }

  init(version: Int) {
    text = "OK {version}"
    versions = [version]
  }

  /// No more than the code of an error, but for the version that a conflict tells.
  init(error code: String, conflictVersion: Int? = nil) {
    text = "ERR \(code)"
    guard let conflictVersion else { return }
    text += conflictVersion == 0 ? " 0" : " {version}"
    if conflictVersion > 0 { versions = [conflictVersion] }
  }

  /// Takes the number of a member out, which comes before all that is nested.
  mutating func takeOut(version member: String) {
    guard let number = takeOut(member, for: "{version}") else { return }
    versions.append(Int(number) ?? -1)
  }

  mutating func takeOut(time member: String) {
    guard let number = takeOut(member, for: "{time}"), let seconds = Double(number) else { return }
    times.append(Int((seconds * 1000).rounded()))
  }

  private mutating func takeOut(_ member: String, for placeholder: String) -> Substring? {
    guard let start = text.range(ofText: "\"\(member)\":") else { return nil }
    let number = text[start...].prefix { $0.isNumber || "+-.eE".contains($0) }
    let end = number.endIndex
    defer { text.replaceSubrange(start..<end, with: placeholder) }
    return text[start..<end]
  }

  mutating func replace(_ old: String, with new: String) {
    guard old != new, let end = text.range(ofText: old) else { return }
    let start = text.utf8.index(end, offsetBy: -old.utf8.count)
    text.replaceSubrange(start..<end, with: new)
  }

  /// What sort of a reply it is: `OK`, `NIL`, `ERR conflict`.
  var kind: String {
    let words = text.split(separator: " ")
    return words.prefix(words.first == "ERR" ? 2 : 1).joined(separator: " ")
  }

  var description: String {
    (["\(text.prefix(400))"] + versions.map { "version \($0)" } + times.map { "time \($0)" })
      .joined(separator: ", ")
  }
}

extension String {
  /// Where the first occurrence of a text ends.
  fileprivate func range(ofText text: String) -> String.Index? {
    var place = utf8.startIndex
    while place < utf8.endIndex {
      if utf8[place...].starts(with: text.utf8) { return utf8.index(place, offsetBy: text.utf8.count) }
      place = utf8.index(after: place)
    }
    return nil
  }
}
