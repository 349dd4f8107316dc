/// The ids that the sides give to what a test calls by one label.
struct ModelNames {
  private var daemonIDs: [String: String] = [:]
  private var localIDs: [String: String] = [:]
  private var labelsOfDaemonIDs: [String: String] = [:]
  private var labelsOfLocalIDs: [String: String] = [:]

  mutating func set(daemon id: String, for label: String) {
    daemonIDs[label] = id
    labelsOfDaemonIDs[id] = label
  }

  mutating func set(local id: String, for label: String) {
    localIDs[label] = id
    labelsOfLocalIDs[id] = label
  }

  func daemon(_ label: String) -> String { daemonIDs[label] ?? label }
  func local(_ label: String) -> String { localIDs[label] ?? label }
  func label(ofDaemon id: String) -> String { labelsOfDaemonIDs[id] ?? id }
  func label(ofLocal id: String) -> String { labelsOfLocalIDs[id] ?? id }
}
