import Glibc
import SystemCalls

/// Looks at a path again and again, and keeps every mode that it is seen with.
final class ModeWatch: @unchecked Sendable {
  private let path: String
  // Safe to share: what changes is guarded by `lock`.
  private let lock = MutexLock()
  private var modesSeen: Set<mode_t> = []
  private var sightingCount = 0
  private var isStopped = false

  init(path: String) { self.path = path }

  var modes: Set<mode_t> { lock.withLock { modesSeen } }

  /// How often it found something at the path.
  var sightings: Int { lock.withLock { sightingCount } }

  func stop() { lock.withLock { isStopped = true } }

  func run() {
    while !lock.withLock({ isStopped }) {
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      let mode = status.st_mode & 0o7777
      lock.withLock {
        modesSeen.insert(mode)
        sightingCount += 1
      }
    }
  }
}
