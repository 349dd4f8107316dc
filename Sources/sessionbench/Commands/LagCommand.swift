import ArgumentParser
import Glibc
import SessionWire
import SystemCalls

/// Changes a session on one daemon, and looks when another one that shares the store shows it.
struct LagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lag",
    abstract: "Measure how long another daemon goes on telling what was.",
    discussion: """
      For each line of input, changes a session for a while, and prints the microseconds from the acknowledgement on \
      one daemon to the reply of the other that has the new value: the median, the 99th percentile, the longest; in \
      how many per cent the first reply had it; how many changes that were.
      """)

  private static let pauseMicrosecondsMost: UInt32 = 1000
  /// Whatever is not seen until then never will be.
  private static let lagMost: Int64 = 10_000_000_000

  @Option(help: "The daemon that changes.") var socket: String
  @Option(help: "The one that is asked.") var other: String
  @Option(help: "How long a batch takes.") var milliseconds = 2000

  func validate() throws { try OptionRange.check(("--milliseconds", milliseconds, OptionRange.milliseconds)) }

  func run() throws {
    let writer = try RawConnection(socket)
    let reader = try RawConnection(other)
    let (id, key) = (SessionShape.id(0), "number")
    let read = try RequestWriter.get(id, key)
    var number = 0
    Report.line("ready")
    while readLine() != nil {
      let end = BootClock.system.now() + Int64(milliseconds) * 1_000_000
      var lags = Latencies()
      var atOnce = 0
      repeat {
        number += 1
        usleep(UInt32.random(in: 0...Self.pauseMicrosecondsMost))
        try writer.send(RequestWriter.set(id, key, String(number)))
        try writer.expectLines(1, beginning: Server.sessiond.successBytes)
        let (lag, reads) = try Self.lag(of: number, reader, read)
        lags.record(lag)
        if reads == 1 { atOnce += 1 }
      } while BootClock.system.now() < end
      let columns = [
        lags.microseconds(50), lags.microseconds(99), lags.microseconds(100),
        Double(atOnce) * 100 / Double(lags.count),
      ]
      Report.line("\(columns.map(Report.tenths).joined(separator: " ")) \(lags.count)")
    }
  }

  /// Reads until the number is there.
  private static func lag(
    of number: Int, _ reader: RawConnection, _ read: [UInt8]
  ) throws -> (nanoseconds: Int64, reads: Int) {
    let wanted = Array("OK \(number)\n".utf8)
    let start = BootClock.system.now()
    var reads = 0
    while true {
      try reader.send(read)
      // So short a reply comes in one piece.
      let count = try reader.receive()
      reads += 1
      let lag = BootClock.system.now() - start
      if reader.received[..<count].elementsEqual(wanted) { return (lag, reads) }
      guard lag < lagMost else { throw BenchmarkFailure("the other daemon never shows the change") }
    }
  }
}
