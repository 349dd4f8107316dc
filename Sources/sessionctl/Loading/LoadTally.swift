import SessionClient
import SessionctlKit

/// What became of the lines so far.
struct LoadTally {
  var loaded = 0
  var existing = 0
  var over = 0
  var failed = 0

  var lines: Int { loaded + existing + over + failed }

  var sentence: String {
    var parts = ["\(Self.count(loaded, "session")) loaded"]
    if existing > 0 { parts.append("\(Shown.count(existing)) existed already") }
    if over > 0 { parts.append("\(Shown.count(over)) had ended by their time") }
    if failed > 0 { parts.append("\(Self.count(failed, "line")) failed") }
    return parts.joined(separator: ", ")
  }

  static func count(_ number: Int, _ noun: String) -> String {
    "\(Shown.count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  var json: String {
    let object: SessionValue = [
      "loaded": .int(loaded), "existing": .int(existing), "over": .int(over), "failed": .int(failed),
    ]
    return object.description
  }
}
