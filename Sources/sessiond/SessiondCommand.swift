import ArgumentParser
import Glibc
import Logging
import SessionServer
import Synchronization
import SystemCalls

/// The daemon's command line.
@main
struct SessiondCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessiond",
    abstract: "Keeps the sessions of all application processes on this machine.",
    discussion: """
      Every setting has one name in three places, of which the first that has it counts: the flag \
      (--max-memory 256M), the environment (SESSIOND_MAX_MEMORY=256M), the configuration file \
      (max-memory=256M). Times are written 500ms, 30s, 10m, 2h, 7d; sizes 64K, 256M, 1G.

      SIGTERM and SIGINT answer what has arrived, then stop, within 5 seconds. SIGHUP reads the configuration \
      file again; what it does not change, the next start does.

      Exit codes: 0 stopped by a signal, 1 the system refused something, 64 wrong usage, 75 another daemon \
      has the socket or the segment, 78 a setting can't be used.
      """,
    version: ServerIdentity.currentVersion)

  @Option(
    help: ArgumentHelp(
      "A file of KEY=value lines. Default: \(ConfigurationSource.defaultPath) where it exists.",
      valueName: "path"))
  var config: String?

  @Option(help: Setting.socket.argumentHelp("path")) var socket: String?
  @Option(help: Setting.segment.argumentHelp("path")) var segment: String?
  @Option(help: Setting.maxMemory.argumentHelp("size")) var maxMemory: String?
  @Option(help: Setting.ttl.argumentHelp("time")) var ttl: String?
  @Option(help: Setting.maxLifetime.argumentHelp("time")) var maxLifetime: String?
  @Option(help: Setting.threads.argumentHelp("number")) var threads: String?
  @Option(help: Setting.shards.argumentHelp("number")) var shards: String?
  @Option(help: Setting.maxConnections.argumentHelp("number")) var maxConnections: String?
  @Option(help: Setting.maxConnectionsPerUser.argumentHelp("number")) var maxConnectionsPerUser: String?
  @Option(help: Setting.maxBuffers.argumentHelp("size")) var maxBuffers: String?
  @Option(help: Setting.maxLine.argumentHelp("size")) var maxLine: String?
  @Option(help: Setting.maxSession.argumentHelp("size")) var maxSession: String?
  @Option(help: Setting.lineTimeout.argumentHelp("time")) var lineTimeout: String?
  @Option(help: Setting.logLevel.argumentHelp("level")) var logLevel: String?
  @Option(help: Setting.socketMode.argumentHelp("mode")) var socketMode: String?
  @Option(help: Setting.socketGroup.argumentHelp("group")) var socketGroup: String?
  @Option(help: Setting.mappers.argumentHelp("list")) var mappers: String?
  @Option(help: Setting.admins.argumentHelp("list")) var admins: String?
  @Option(help: Setting.readers.argumentHelp("list")) var readers: String?
  @Option(help: Setting.whenFull.argumentHelp("choice")) var whenFull: String?

  /// The flags that were given.
  private var flags: [Setting: String] {
    let given: [(Setting, String?)] = [
      (.socket, socket), (.segment, segment), (.maxMemory, maxMemory), (.ttl, ttl),
      (.maxLifetime, maxLifetime),
      (.threads, threads), (.shards, shards), (.maxConnections, maxConnections),
      (.maxConnectionsPerUser, maxConnectionsPerUser), (.maxBuffers, maxBuffers), (.maxLine, maxLine),
      (.maxSession, maxSession),
      (.lineTimeout, lineTimeout), (.logLevel, logLevel), (.socketMode, socketMode),
      (.socketGroup, socketGroup), (.mappers, mappers), (.admins, admins),
      (.readers, readers), (.whenFull, whenFull),
    ]
    return Dictionary(uniqueKeysWithValues: given.compactMap { setting, text in text.map { (setting, $0) } })
  }

  func run() throws {
    try ProcessSetUp.openStandardDescriptors()
    let threshold = LogThreshold()
    LoggingSystem.bootstrap { _ in JournalLogHandler(threshold: threshold) }
    let environment = ConfigurationSource.processEnvironment
    let source = ConfigurationSource(flags: flags, config: config, environment: environment)
    do throws(Server.StartError) {
      let server = try Server(source: source, stall: try TestStall(environment: environment, clock: .system))
      try server.run()
    } catch {
      Logger(label: "sessiond").critical("\(error)")
      throw ExitCode(error.exitCode)
    }
  }
}
