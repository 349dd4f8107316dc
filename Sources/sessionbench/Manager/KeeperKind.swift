/// Who is measured, in the order of the table's columns.
enum KeeperKind: String, CaseIterable, Sendable {
  case simpleMutex = "SimpleMutex"
  case mapping = "sessiond, mapping"
  case socket = "sessiond, socket"
  case local = "LocalSessions"
}
