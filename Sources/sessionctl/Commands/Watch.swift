import ArgumentParser
internal import Glibc
import SessionClient
import SessionctlKit

struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what happens to sessions, a line an event, until it is interrupted.",
    discussion: """
      A line has the event's number, what happened (set, del, expire, evict, rename, revoke), the session, and its \
      version. It goes on over restarts of the daemon. Where events are missing, a line with the word missed \
      says so. The number of an event given as --since goes on behind it. On a terminal, and with --table, it prints a \
      table; with --json an object a line (NDJSON).

      Examples:
        sessionctl watch s1 s2
        sessionctl watch --all --json
        sessionctl watch --all --since 1795362452123456
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var tables: TableOptions
  @Flag(help: "All sessions. For the role admin.") var all = false

  @Option(help: ArgumentHelp("Begin behind the event of this number, instead of now.", valueName: "number"))
  var since: Int?

  @Argument(help: "The sessions' ids.") var sessions: [String] = []

  func validate() throws {
    if all != sessions.isEmpty {
      throw ValidationError(all ? "--all takes no ids." : "Name sessions, or say --all.")
    }
    if let since, since < 0 { throw ValidationError("--since takes 0 or more.") }
  }

  func run() async throws {
    Self.endQuietly()
    let client = common.client()
    let events = all ? client.events(since: since) : client.events(of: sessions, since: since)
    var output = ResultStream()
    var table = tables.wantsTable(json: common.json) ? EventTable() : nil
    do {
      try output.lines(table?.titles() ?? [])
      for try await event in events {
        if let lines = table?.lines(event) {
          try output.lines(lines)
        } else {
          try output.line(common.json ? Terminal.json(EventText.json(event)) : EventText.line(event))
        }
        try output.flush()
      }
    } catch let failed as ResultStream.Failed {
      guard failed.isClosedPipe else { throw Failure(.refused, failed.description) }
    }
  }

  /// To be interrupted, or to lose its reader, is how a watch is meant to end: status 0. Nothing is left unwritten
  /// then, since each line is written at once, and is short enough that a pipe takes it as a whole (pipe(7)).
  private static func endQuietly() {
    for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }
    signal(SIGPIPE, SIG_IGN)
    var thread = pthread_t()
    // The reader of a pipe may go while nothing happens. Without this thread that is seen at the next event.
    let isStarted = pthread_create(
      &thread, nil,
      { _ in
        var watched = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        while poll(&watched, 1, -1) <= 0 || watched.revents & Int16(POLLERR) == 0 {
          // A terminal that hung up ends the program by SIGHUP.
          if watched.revents != 0 { return nil }
        }
        _exit(0)
      }, nil)
    if isStarted == 0 { pthread_detach(thread) }
  }
}
