/// What the doctor looks at. The names are part of its JSON and stay.
package enum Check: String, CaseIterable, Sendable {
  /// Whether the daemon answers at all.
  case answer
  // The socket.
  case socketMode = "socket-mode"
  case socketDirectory = "socket-directory"
  // The segment.
  case segmentFileSystem = "segment-file-system"
  case segmentRoom = "segment-room"
  // The cache.
  case memory
  case full
  case evictions
  case hitRatio = "hit-ratio"
  case reclaimer
  // Clients.
  case mapping
  case connectionLimit = "connection-limit"
  case slowClients = "slow-clients"
  // The store.
  case storeAway = "store-away"
  case storeRefusing = "store-refusing"
  case storeQueue = "store-queue"
  case storeDamage = "store-damage"
  // The unit.
  case watchdog
  case memoryMax = "memory-max"
  case restart
  case restarts
  case startLimit = "start-limit"
  case runtimeDirectory = "runtime-directory"
  case privateUsers = "private-users"
}
