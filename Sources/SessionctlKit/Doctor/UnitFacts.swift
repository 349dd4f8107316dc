/// What systemd says of the daemon's unit (`systemctl show`).
package struct UnitFacts: Equatable, Sendable {
  package let name: String
  private let properties: [String: String]

  /// The properties to ask for.
  package static let properties = [
    "MainPID", "WatchdogUSec", "MemoryMax", "Restart", "NRestarts", "StartLimitIntervalUSec",
    "RuntimeDirectory", "RuntimeDirectoryPreserve", "PrivateUsers",
  ]

  /// - Parameter text: a line `NAME=VALUE` for each property.
  package init(name: String, parsing text: String) {
    self.name = name
    properties = Dictionary(
      text.split(separator: "\n").compactMap { line in
        line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
      }
    ) { $1 }
  }

  /// nil where this systemd does not know the property.
  subscript(property: String) -> String? { properties[property].flatMap { $0.isEmpty ? nil : $0 } }

  /// The process that the unit consists of; nil where it does not run.
  package var mainProcess: Int? { self["MainPID"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }

  /// nil: no bound.
  var memoryMaxBytes: Int? { self["MemoryMax"].flatMap { Int($0) } }
}
