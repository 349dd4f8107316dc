public import Logging
import Synchronization

/// The level from which on the process logs, the same for all its loggers, so that a reload changes it
/// everywhere at once.
public final class LogThreshold: Sendable {
  private let index = Atomic<Int>(LogThreshold.levels.firstIndex(of: .info)!)
  private static let levels = Logger.Level.allCases

  public init() {}

  public var level: Logger.Level {
    get { Self.levels[index.load(ordering: .relaxed)] }
    set { index.store(Self.levels.firstIndex(of: newValue)!, ordering: .relaxed) }
  }
}
