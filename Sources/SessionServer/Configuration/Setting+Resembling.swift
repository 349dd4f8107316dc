/// What somebody may have meant who wrote a name that no setting has.
extension Setting {
  /// Longer ones are nobody's slip.
  private static let nameBytesMost = 40

  /// The setting whose name takes the fewest slips to become the one given: a letter too many, missing, wrong, or
  /// two that changed places. nil where even that would be a guess: more than one slip in a name of up to four
  /// letters, more than two in others.
  static func resembling(_ name: some StringProtocol) -> Setting? {
    let name = Array(name.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
    guard !name.isEmpty, name.count <= nameBytesMost else { return nil }
    let most = name.count <= 4 ? 1 : 2
    let nearest = allCases.map { ($0, slips(from: name, to: Array($0.name.utf8))) }.min { $0.1 < $1.1 }
    guard let nearest, nearest.1 <= most else { return nil }
    return nearest.0
  }

  /// The optimal string alignment distance.
  private static func slips(from first: [UInt8], to second: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 1...first.count {
      var current = [row]
      for column in 1...second.count {
        let isSame = first[row - 1] == second[column - 1]
        var least = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          least = min(least, beforeLast[column - 2] + 1)
        }
        current.append(least)
      }
      beforeLast = last
      last = current
    }
    return last[second.count]
  }
}
