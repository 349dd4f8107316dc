import Glibc
import Logging
import SessionCache
import SessionSegment
import SessionWire
import Synchronization
public import SystemCalls

/// The daemon put together: cache, reactor threads, reclaimer, and the supervisor in the calling thread.
public final class Server {
  /// Why the daemon does not start. The exit codes are documented in sessiond's help.
  public enum StartError: Error, CustomStringConvertible {
    case configuration(String)
    /// Settings that can't be used, each with a line of its own.
    case settings(ConfigurationError)
    /// Another daemon has the socket or the segment.
    case taken(String)
    case system(String)

    /// A file that can't be had: a matter of the configuration if another try would fail the same way, of
    /// the system if it may go better (a full file system, no memory).
    ///
    /// - Parameter setting: which setting wants it, and where that stands.
    init(_ setting: String, path: String, _ error: SystemCallError) {
      switch error.code {
      case ENOENT, ENOTDIR, EISDIR, ELOOP, EACCES, EPERM, EROFS, ENAMETOOLONG, EINVAL:
        self = .configuration("\(setting): \(path): \(error)")
      default: self = .system("\(setting): \(path): \(error)")
      }
    }

    /// What is to be said of it, a line each.
    public var lines: [String] {
      switch self {
      case .settings(let error): error.problems
      case .configuration(let text), .taken(let text), .system(let text): [text]
      }
    }

    public var description: String { lines.joined(separator: "; ") }
  }

  /// How long clients get to take their last replies, in nanoseconds.
  static let drainNanoseconds: Int64 = 4_000_000_000
  /// How long a thread gets to end when everything is over, in nanoseconds.
  static let stopNanoseconds: Int64 = 400_000_000
  /// Descriptors besides the connections': files, timers, what libraries open, and two for each
  /// reactor.
  var descriptorReserve: Int { 24 + 2 * configuration.threads }

  let source: ConfigurationSource
  let clock: BootClock
  let calls: SocketCalls
  let stall: TestStall?
  let manager = ServiceManager()
  /// What the daemon was started with.
  let settled: SettledConfiguration
  var configuration: ServerConfiguration
  var logger: Logger
  /// Why the last reload failed; nil if it did not.
  var reloadError: String?

  /// Reads the configuration.
  ///
  /// - Throws: `StartError.settings`.
  public init(
    source: ConfigurationSource, stall: TestStall?, clock: BootClock = .system, calls: SocketCalls = .system
  ) throws(StartError) {
    self.source = source
    self.stall = stall
    self.clock = clock
    self.calls = calls
    do throws(ConfigurationError) {
      settled = try source.settle()
    } catch {
      throw .settings(error)
    }
    configuration = settled.configuration
    logger = Logger(label: "sessiond")
    logger.logLevel = configuration.logLevel.level
  }

  /// Serves until SIGTERM or SIGINT.
  public func run() throws(StartError) {
    do {
      try serve()
    } catch let error as StartError {
      throw error
    } catch let error as ConfigurationError {
      throw .settings(error)
    } catch let error as ListenSocket.Failure {
      switch error {
      case .taken: throw .taken(error.description)
      case .failed(let path, let error): throw StartError(settled.source(.socket), path: path, error)
      case .unusable: throw .configuration("\(settled.source(.socket)): \(error)")
      }
    } catch {
      throw .system("\(error)")
    }
  }
}
