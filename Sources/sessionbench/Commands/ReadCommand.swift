import ArgumentParser
import SystemCalls

/// Reads sessions in random order, and tells how long one read takes.
struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Read sessions in random order.",
    discussion: """
      For each line of input, reads for a while, and prints the nanoseconds that one read took, of the clock and \
      of the processor, and how many reads that were.
      """)

  /// So many ids are made, and then read: few enough that they are in the processor's cache like the id of a
  /// request that has just come in, and enough that asking the clock does not count.
  private static let blockReads = 512
  private static let warmUpNanoseconds: Int64 = 200_000_000

  @Option(help: "The server's socket.") var socket: String
  @Option(help: "How to read.") var mode: ReadMode
  @Option(help: "How many sessions there are.") var sessions = 10_000
  @Option(help: "How long a batch takes.") var milliseconds = 250

  func validate() throws {
    try OptionRange.check(
      ("--sessions", sessions, OptionRange.sessions),
      ("--milliseconds", milliseconds, OptionRange.milliseconds))
  }

  func run() async throws {
    let method = try mode.method(socket)
    var order = RandomOrder(sessions: sessions)
    let seed = order.seed
    try await warmUp(method, &order)
    Report.line("ready \(mode.rawValue) sessions=\(sessions) seed=\(seed)")
    while readLine() != nil {
      let (stopwatch, reads) = try await batch(method, &order, nanoseconds: Int64(milliseconds) * 1_000_000)
      let time = Report.tenths(Double(stopwatch.nanoseconds) / Double(reads))
      let processorTime = Report.tenths(Double(stopwatch.processorNanoseconds) / Double(reads))
      Report.line("\(time) \(processorTime) \(reads)")
    }
  }

  /// Reads and checks each session once, which also brings the segment's pages into this process.
  private func warmUp(_ method: any ReadMethod, _ order: inout RandomOrder) async throws {
    for number in 0..<(mode == .hot ? 1 : sessions) {
      let id = SessionShape.id(number)
      guard try await method.text(id) == mode.expectation(id) else { throw BenchmarkFailure.wrong(id) }
    }
    _ = try await batch(method, &order, nanoseconds: Self.warmUpNanoseconds)
  }

  private func batch(
    _ method: any ReadMethod, _ order: inout RandomOrder, nanoseconds: Int64
  ) async throws -> (Stopwatch, reads: Int) {
    let end = BootClock.system.now() + nanoseconds
    var stopwatch = Stopwatch()
    var block = [String](repeating: SessionShape.id(0), count: Self.blockReads)
    var reads = 0
    repeat {
      if mode != .hot {
        for place in block.indices { block[place] = SessionShape.id(order.next()) }
      }
      stopwatch.start()
      try await method.read(block)
      stopwatch.stop()
      reads += block.count
    } while BootClock.system.now() < end
    return (stopwatch, reads)
  }
}
