import ArgumentParser
import SystemCalls

/// Makes requests to a server as a program's many connections would, and tells how long they took.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Load a server, and measure it.",
    discussion: """
      The sessions must be there: sessionbench fill, with the same --sessions, --first and --value-bytes. A read that \
      finds nothing, and a write that is refused, are failures.

      Prints whole numbers: requests a second; the nanoseconds that a request took, at most, for 50, 90, 99 and 99.9 % \
      of them, and the longest; nanoseconds of the server's processor time for a request (0 without --pid), and of \
      this program's; how many requests there were.

      In a closed loop whoever has its reply sends the next request. With --rate requests have moments of their own, \
      and their latency counts from then, whenever they could be sent. A session has three small values and the one \
      that is read and written; Redis (--server redis) and memcached keep that one by itself, under a key of its \
      own; with --server redis-hash it is a field of a hash.
      """)

  @Option(help: "sessiond, redis, redis-hash or memcached.") var server = Server.sessiond
  @Option(help: "The server's socket.") var socket: String
  @Option(help: "raw: over a socket; library: sessiond's client library; mapped: the same, with the mapping.")
  var client = LoadClient.raw
  @Option(help: "How many connections.") var connections = 50
  @Option(help: "How many requests are under way on each.") var inFlight = 1
  @Option(help: "How many threads of this program share the connections.") var threads = 1
  @Option(help: "How many sessions.") var sessions = 10_000
  @Option(help: "The number of the first one.") var first = 0
  @Option(help: "The length of their values, or several with commas between, which they have in turns.")
  var valueBytes = ValueSizes([SessionShape.valueBytes])
  @Option(help: "uniform or zipf: how often which session is used.") var keys = KeyDistribution.uniform
  @Option(help: "That of the distribution of Zipf.") var exponent = 0.99
  @Option(help: "How many of a hundred requests read; the others write.") var reads = 100
  @Option(help: "Requests a second; 0 for a closed loop.") var rate = 0
  @Option(help: "For how long it is measured.") var seconds = 1.0
  @Option(help: "For how many seconds it goes on before that.") var warmUp = 0.2
  @Option(
    help: """
      Look for a reply for so many microseconds before sleeping, while that pays off; 0: never. Default: 0 with \
      --client raw, and else what the client library does by itself.
      """)
  var poll: Int?
  @Option(help: "The server's process.") var pid: Int?
  @Option(help: "Repeats the same order of sessions. Default: another one each time.") var seed: UInt64?
  @Flag(help: "Print a JSON object.") var json = false

  func validate() throws {
    if let problem = settings.problem { throw ValidationError(problem) }
  }

  func run() async throws {
    let result = try await LoadRun(settings).measure()
    Report.line(json ? result.json : result.columns)
  }

  private var settings: LoadSettings {
    LoadSettings(
      server: server, socket: socket, client: client, connections: connections, depth: inFlight,
      threads: threads, sessions: sessions, first: first, sizes: valueBytes, keys: keys, exponent: exponent,
      reads: reads, rate: rate, seconds: seconds, warmUp: warmUp, poll: poll, process: pid,
      seed: seed ?? UInt64(truncatingIfNeeded: BootClock.system.now()))
  }
}
