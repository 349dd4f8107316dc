import SessionClient

/// The store behind the cache.
enum StoreChecks {
  static func findings(
    _ store: ServerStatistics.Store, before: ServerStatistics.Store?
  ) -> [Finding] {
    var findings: [Finding] = []
    if store.isAway {
      findings.append(
        Finding(
          .storeAway,
          "The store (\(store.kind)) is away: \(store.reason ?? "no reason is known"). What is in memory is served; "
            + (store.durability == "through"
              ? "changes are refused." : "changes wait in memory, \(Shown.count(store.unsaved)) by now."),
          remedy: store.kind == "redis"
            ? "Look whether the server runs, answers, and has memory (redis-cli INFO). The daemon goes on by itself."
            : "Look whether its disk is full, read-only or broken, and who else has the database open. The daemon "
              + "goes on by itself."))
    }
    if store.state == "refusing" {
      findings.append(
        Finding(
          .storeRefusing,
          "The store (\(store.kind)) is there and takes no changes: \(store.reason ?? "no reason is known"). Reads go on; "
            + "changes are answered ERR unavailable.",
          remedy:
            "Look at the server's memory, its disk, and whether it is a replica (redis-cli INFO). The daemon goes on by "
            + "itself."))
    }
    // A queue that grows is told of earlier than one that is only long: after a peak it gets shorter by itself.
    let isGrowing = before.map { store.unsaved > $0.unsaved } ?? false
    if store.unsaved > store.queue / 2 || (isGrowing && store.unsaved > store.queue / 10) {
      findings.append(
        Finding(
          .storeQueue,
          "The store does not keep up: \(Shown.count(store.unsaved)) sessions have changes that it has not got"
            + "\(isGrowing ? ", more and more," : "") of at most \(Shown.count(store.queue)), past which writers wait. "
            + "99 of 100 batches take \(Shown.tenths(store.batch.p99 / 1000)) ms at most.",
          remedy: "Give it a faster disk or server, write less often, or raise store-queue to outlast a peak."
        ))
    }
    if store.damaged > 0 {
      findings.append(
        Finding(
          .storeDamage,
          "\(Shown.count(store.damaged)) records in the store are damaged; requests for them are answered ERR unavailable.",
          remedy:
            "Look at the disk and its file system. sessionctl del or revoke gets rid of a damaged session."))
    }
    return findings
  }
}
