import Glibc

/// What a daemon takes of the machine at one moment.
struct FootprintSample {
  let descriptors: Int
  /// Memory of its own, neither the segment nor files.
  let ownBytes: Int
  /// Pages of the segment that hold something.
  let segmentBytes: Int
  /// The database with its log.
  let databaseBytes: Int

  static func take(of daemon: DaemonProcess, database: String) throws -> FootprintSample {
    FootprintSample(
      descriptors: daemon.facts.descriptors.count, ownBytes: try daemon.facts.anonymousBytes,
      segmentBytes: Int(try daemon.ask("STATS").number("reserved")),
      databaseBytes: ["", "-wal", "-shm"].reduce(0) { $0 + Int(Files.status(database + $1)?.st_size ?? 0) })
  }
}

extension [FootprintSample] {
  func most(_ part: KeyPath<FootprintSample, Int>) -> Int { map { $0[keyPath: part] }.max() ?? 0 }
}
