import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// Pages that are looked at before another thread may go on with a scan: some hundred microseconds.
  private static let pagesAtOnce = 16

  /// Scans on behalf of a caller that can't go on without: until more scans have ended than before, by this thread
  /// or another one. No lock is held for more than a page.
  func scan(after scansEnded: Int, at now: Int64) {
    while !evictor.haveMoreScansEnded(than: scansEnded) {
      _ = evictor.beginScanIfWanted(sessions: sessionCount, at: now)
      guard goOnWithScan(pages: Self.pagesAtOnce, at: now) || evictor.waitForScan(after: scansEnded) else {
        return
      }
    }
  }

  /// Sees to it that the next sessions to be evicted are known in time: begins a scan when few are left, and adds a
  /// page's worth to the one that goes on, so that it ends in time also if the reclaimer is kept from it.
  func scanAhead(at now: Int64) {
    if evictor.isScanToBeHad {
      _ = goOnWithScan(pages: 1, at: now)
    } else if evictor.beginScanIfWanted(sessions: sessionCount, at: now) {
      wakeForEviction()
    }
  }

  /// Scans for the sessions to be evicted next when the cache is nearly full, before a write has to wait for it.
  /// Part of the reclaimer's round.
  func prepareEviction(at now: Int64, pause: () -> Bool) {
    guard evictsWhenFull else { return }
    guard allocator.isNearlyFull else {
      // Who makes room needs what is known, also where pages are free but not in a row.
      return roomLock.withWriteLockIfFree { evictor.forget() }
    }
    _ = evictor.beginScanIfWanted(sessions: sessionCount, at: now)
    while evictor.isScanToBeHad, pause() { _ = goOnWithScan(pages: Self.pagesAtOnce, at: now) }
  }

  /// Whether there was a scan to be had.
  private func goOnWithScan(pages: Int, at now: Int64) -> Bool {
    guard let scan = evictor.claimScan() else { return false }
    for _ in 0..<pages where !scan.step(shards) {
      evictor.end(scan, at: now)
      return true
    }
    evictor.putBack(scan)
    return true
  }
}
