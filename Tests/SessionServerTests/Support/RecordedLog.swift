import Logging
import SystemCalls

/// Keeps what is logged.
final class RecordedLog: @unchecked Sendable {
  // Safe to share: `entries` is guarded by `lock`.
  private let lock = MutexLock()
  private var entries: [(level: Logger.Level, text: String)] = []

  /// A logger of which everything ends up here, whatever its level.
  var logger: Logger {
    var logger = Logger(label: "test") { _ in Handler(log: self) }
    logger.logLevel = .trace
    return logger
  }

  /// What was logged at a level, in order.
  func messages(_ level: Logger.Level) -> [String] {
    lock.withLock { entries.filter { $0.level == level }.map(\.text) }
  }

  /// What was logged at this level or above.
  func messages(from level: Logger.Level) -> [String] {
    lock.withLock { entries.filter { $0.level >= level }.map(\.text) }
  }

  private func append(_ level: Logger.Level, _ text: String) {
    lock.withLock { entries.append((level, text)) }
  }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    init(log: RecordedLog) { self.log = log }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      log.append(event.level, "\(event.message)")
    }
  }
}
