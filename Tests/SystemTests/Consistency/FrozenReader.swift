import Glibc

/// A process that reads the segment and stops itself in the middle of each read.
struct FrozenReader {
  /// Where in a read it stops: before anything is copied, or amid the copying of a value or a record.
  enum Place: String, CaseIterable {
    case comparing, copying
    case copyingRecord = "copying-record"
  }

  private let probe: ProbeProcess
  private let output: String

  init(_ daemon: DaemonProcess, _ place: Place, rounds: Int, name: String = "frozen") throws {
    probe = try ProbeProcess(
      "frozen-read", name: name, daemon: daemon, reads: .socket, seconds: 0,
      [
        "segment=\(daemon.directory.file("segment"))", "session=\(ValueWriter.session)",
        "key=\(ValueWriter.key)", "place=\(place.rawValue)", "rounds=\(rounds)",
      ])
    output = daemon.directory.file("\(name).out")
  }

  /// The numbers of the values that its reads came back with, 0 for none.
  var counters: [Int] {
    get throws {
      try Files.text(output).split(separator: "\n").map { line in
        guard line.hasPrefix("counter="), let number = Int(line.dropFirst(8)) else {
          throw Failure("\(line)")
        }
        return number == 0 ? 0 : number - 100_000_000
      }
    }
  }

  func waitUntilStopped() throws {
    try eventually("the reader stops") {
      try probe.check()
      return try ProcessFacts(pid: probe.pid).isStopped
    }
  }

  /// Continues it, and waits for what its read comes back with.
  func readOn() throws -> Int {
    let before = try counters.count
    try probe.signal(SIGCONT)
    try eventually("the read ends") {
      try probe.check()
      return try counters.count > before
    }
    return try counters[before]
  }

  func kill() { probe.kill() }

  func finish() throws {
    _ = try probe.finish(within: 60)
  }
}
