import ArgumentParser
import Glibc
import Logging
import SessionServer
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
      (max-memory=256M). Times are written 500ms, 30s, 10m, 2h, 7d; sizes 64K, 256M, 1G; \
      without a unit they are seconds and bytes.

      SIGTERM and SIGINT answer what has arrived, then stop, within 5 seconds. SIGHUP reads the configuration \
      file again; what it does not change, the next start does.

      Exit codes: 0 stopped by a signal, 1 the system refused something, 75 another daemon has the socket or \
      the segment, 78 a setting or an option can't be used.
      """,
    version: ServerIdentity.currentVersion)

  @Option(
    help: ArgumentHelp(
      "A file of KEY=value lines. Default: \(ConfigurationSource.defaultPath) where it exists.",
      valueName: "path"))
  var config: String?

  @Flag(
    help: ArgumentHelp(
      "Say which settings are in effect, where each comes from and whether they are good, and start nothing. Ends "
        + "with 0, or with 78 and every error."))
  var checkConfig = false

  @Option(help: Setting.socket.argumentHelp("path")) var socket: String?
  @Option(help: Setting.segment.argumentHelp("path")) var segment: String?
  @Option(help: Setting.segmentOnDisk.argumentHelp("choice")) var segmentOnDisk: String?
  @Option(help: Setting.maxMemory.argumentHelp("size")) var maxMemory: String?
  @Option(help: Setting.ttl.argumentHelp("time")) var ttl: String?
  @Option(help: Setting.maxLifetime.argumentHelp("time")) var maxLifetime: String?
  @Option(help: Setting.threads.argumentHelp("number")) var threads: String?
  @Option(help: Setting.busyPoll.argumentHelp("time")) var busyPoll: String?
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
  @Option(help: Setting.store.argumentHelp("store")) var store: String?
  @Option(help: Setting.storeCredentials.argumentHelp("path")) var storeCredentials: String?
  @Option(help: Setting.durability.argumentHelp("choice")) var durability: String?
  @Option(help: Setting.flushEvery.argumentHelp("time")) var flushEvery: String?
  @Option(help: Setting.storeQueue.argumentHelp("number")) var storeQueue: String?
  @Option(help: Setting.storeTimeout.argumentHelp("time")) var storeTimeout: String?
  @Option(name: .customLong("cache-ttl"), help: Setting.cacheTTL.argumentHelp("time")) var cacheTTL: String?
  @Option(help: Setting.staleFor.argumentHelp("time")) var staleFor: String?

  /// The flags that were given.
  private var flags: [Setting: String] {
    let given: [(Setting, String?)] = [
      (.socket, socket), (.segment, segment), (.segmentOnDisk, segmentOnDisk), (.maxMemory, maxMemory),
      (.ttl, ttl),
      (.maxLifetime, maxLifetime),
      (.threads, threads), (.busyPoll, busyPoll), (.shards, shards), (.maxConnections, maxConnections),
      (.maxConnectionsPerUser, maxConnectionsPerUser), (.maxBuffers, maxBuffers), (.maxLine, maxLine),
      (.maxSession, maxSession),
      (.lineTimeout, lineTimeout), (.logLevel, logLevel), (.socketMode, socketMode),
      (.socketGroup, socketGroup), (.mappers, mappers), (.admins, admins),
      (.readers, readers), (.whenFull, whenFull), (.store, store), (.storeCredentials, storeCredentials),
      (.durability, durability), (.flushEvery, flushEvery), (.storeQueue, storeQueue),
      (.storeTimeout, storeTimeout), (.cacheTTL, cacheTTL), (.staleFor, staleFor),
    ]
    return Dictionary(uniqueKeysWithValues: given.compactMap { setting, text in text.map { (setting, $0) } })
  }

  static func main() {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      // In one line, without the list of all options, so that it is found in the journal.
      let reason = message(for: error).split(separator: "\n").joined(separator: " ")
      let complaint = "command line: \(reason) (sessiond --help lists the options)"
      if arguments.contains("--check-config") {
        complain(complaint)
      } else {
        JournalLogHandler.bootstrap()
        Logger(label: "sessiond").critical("\(ValueText.printable(complaint))")
      }
      exit(withError: ExitCode(EX_CONFIG))
    }
  }

  /// The command line, with `--ttl -5` as `--ttl=-5`: no option begins with a digit, so that it is a value, and its own
  /// error says more than that one is missing.
  private static var arguments: [String] {
    CommandLine.arguments.dropFirst().reduce(into: []) { arguments, argument in
      if let last = arguments.last, last.hasPrefix("--"), last.count > 2, !last.contains("="),
        argument.first == "-", argument.dropFirst().first?.isWholeNumber == true
      {
        arguments[arguments.count - 1] = "\(last)=\(argument)"
      } else {
        arguments.append(argument)
      }
    }
  }

  func run() throws {
    try ProcessSetUp.openStandardDescriptors()
    let environment = ConfigurationSource.processEnvironment
    let source = ConfigurationSource(flags: flags, config: config, environment: environment)
    if checkConfig { return try check(source) }
    JournalLogHandler.bootstrap()
    do throws(Server.StartError) {
      let server = try Server(source: source, stall: try TestStall(environment: environment, clock: .system))
      try server.run()
    } catch {
      let logger = Logger(label: "sessiond")
      for line in error.lines { logger.critical("\(ValueText.printable(line))") }
      throw ExitCode(error.exitCode)
    }
  }

  /// The settings go to standard output, what is wrong with them to standard error.
  private func check(_ source: ConfigurationSource) throws {
    let report = ConfigurationReport(source: source)
    for line in report.settings { print(ValueText.printable(line)) }
    for warning in report.warnings { Self.complain("warning: \(warning)") }
    for problem in report.problems { Self.complain(problem) }
    guard report.problems.isEmpty else { throw ExitCode(EX_CONFIG) }
    print("The configuration is good.")
    guard fflush(nil) == 0 else {
      Self.complain("standard output can't be written: \(String(cString: strerror(errno)))")
      throw ExitCode(EX_IOERR)
    }
  }

  private static func complain(_ line: String) {
    let bytes = Array("\(ValueText.printable(line))\n".utf8)
    // Whoever closed it does not want to know; the exit code says it as well.
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
