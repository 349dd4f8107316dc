import Glibc
public import Logging
import SystemCalls

/// Where log messages go: to the journal with their fields, where stderr leads there anyway; to a
/// terminal as text; else to stderr with the priority in front, as sd-daemon(3) describes.
public struct JournalLogHandler: LogHandler {
  enum Sink: Sendable {
    case journal, terminal, stream
  }

  /// The process's: setting it on one logger sets it on all that share the threshold.
  public var logLevel: Logger.Level {
    get { threshold.level }
    set { threshold.level = newValue }
  }
  public var metadata: Logger.Metadata = [:]
  private let sink: Sink
  private let threshold: LogThreshold

  /// Makes it the handler of all loggers of the process, once.
  public static func bootstrap() {
    let threshold = LogThreshold()
    LoggingSystem.bootstrap { _ in JournalLogHandler(threshold: threshold) }
  }

  public init(threshold: LogThreshold) {
    self.threshold = threshold
    sink = Self.stderrIsJournal ? .journal : isatty(STDERR_FILENO) == 1 ? .terminal : .stream
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let priority = Self.priority(event.level)
    switch sink {
    // What is critical may be the last word: a process that ends at once can be gone before the journal
    // has found out whose message it is, which it knows of a line on stderr.
    case .journal where event.level < .critical:
      var entry = JournalEntry()
      entry.add("MESSAGE", "\(event.message)")
      entry.add("PRIORITY", "\(priority)")
      entry.add("SYSLOG_IDENTIFIER", "sessiond")
      for (key, value) in fields { entry.add("SESSIOND_\(key.uppercased())", "\(value)") }
      // Without waiting: libsystemd's own call does wait for a journal that is stopped.
      Self.journal?.send(entry.bytes)
    case .terminal: Self.write("\(event.level): \(event.message)\(Self.suffix(fields))\n")
    case .journal, .stream: Self.write("<\(priority)>\(event.message)\(Self.suffix(fields))\n")
    }
  }

  private static func suffix(_ fields: Logger.Metadata) -> String {
    guard !fields.isEmpty else { return "" }
    return " (" + fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      + ")"
  }

  /// syslog(3)'s numbers.
  private static func priority(_ level: Logger.Level) -> Int32 {
    switch level {
    case .trace, .debug: LOG_DEBUG
    case .info: LOG_INFO
    case .notice: LOG_NOTICE
    case .warning: LOG_WARNING
    case .error: LOG_ERR
    case .critical: LOG_CRIT
    }
  }

  /// $JOURNAL_STREAM names the device and the inode of the stream that systemd connected
  /// (systemd.exec(5)).
  private static var stderrIsJournal: Bool {
    guard let stream = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
    var status = stat()
    return fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
  }

  /// A log that nobody reads must not hold the daemon up: a line that stderr does not take at once, up
  /// to the 4096 bytes that a pipe with room takes whole (pipe(7)), is lost.
  private static func write(_ text: String) {
    var stderr = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&stderr, 1, 0) == 1, stderr.revents & Int16(POLLOUT) != 0 else { return }
    let bytes = Array(text.utf8.prefix(4096))
    // SIGPIPE is ignored, and there is nobody to tell of any other error.
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  private static let journal = DatagramTarget(path: "/run/systemd/journal/socket")
}
