import SessionClient

/// What a load is to be.
struct LoadSettings: Sendable {
  static let connectionsMost = 10_000
  static let depthMost = 1024
  static let rateMost = 10_000_000
  static let secondsMost = 3600.0
  static let threadsMost = 64
  static let exponentMost = 10.0
  static let pollMost = 10_000
  /// The library looks for no longer than that, whatever it is told.
  static let libraryPollMost = 1000

  var server = Server.sessiond
  var socket = ""
  var client = LoadClient.raw
  var connections = 50
  /// How many requests are under way on a connection.
  var depth = 1
  var threads = 1
  var sessions = 10_000
  /// The number of the first session.
  var first = 0
  var sizes = ValueSizes([SessionShape.valueBytes])
  var keys = KeyDistribution.uniform
  var exponent = 0.99
  /// How many of a hundred requests read.
  var reads = 100
  /// Requests a second; 0 for a closed loop.
  var rate = 0
  var seconds = 1.0
  /// How long it goes on before that, unmeasured.
  var warmUp = 0.2
  /// For how many microseconds a reply is looked for before the thread sleeps; 0: not at all; nil: as the
  /// client does by itself.
  var poll: Int?
  /// The server's process; nil if its time is of no interest.
  var process: Int?
  var seed: UInt64 = 0

  /// What is wrong with it, for a person; nil if nothing is.
  var problem: String? {
    if let problem = outOfRange ?? sizes.problem ?? conflict { return problem }
    guard server == .sessiond || client == .raw else {
      return "--client \(client.rawValue) is sessiond's own, and no client of \(server.rawValue)"
    }
    return nil
  }

  private var outOfRange: String? {
    let ranges: [(option: String, value: Int, range: ClosedRange<Int>)] = [
      ("--connections", connections, 1...Self.connectionsMost),
      ("--in-flight", depth, 1...Self.depthMost),
      ("--threads", threads, 1...Self.threadsMost),
      ("--sessions", sessions, 1...WorkOrder.sessionsMost),
      ("--first", first, 0...WorkOrder.sessionsMost),
      ("--reads", reads, 0...100),
      ("--rate", rate, 0...Self.rateMost),
      ("--poll", poll ?? 0, 0...(client == .raw ? Self.pollMost : Self.libraryPollMost)),
      ("--pid", process ?? 1, 1...Int(Int32.max)),
    ]
    for (option, value, range) in ranges {
      if let problem = OptionRange.problem(option, value, range) { return problem }
    }
    // Written so that no number passes that is none (NaN).
    guard seconds > 0, seconds <= Self.secondsMost else {
      return "--seconds takes more than 0 and at most \(Int(Self.secondsMost)), and not \(seconds)"
    }
    guard warmUp >= 0, warmUp <= Self.secondsMost else {
      return "--warm-up takes 0 to \(Int(Self.secondsMost)), and not \(warmUp)"
    }
    guard exponent > 0, exponent <= Self.exponentMost else {
      return "--exponent takes more than 0 and at most \(Int(Self.exponentMost)), and not \(exponent)"
    }
    return nil
  }

  private var conflict: String? {
    if threads > connections { return "--threads \(threads) are more than --connections \(connections)" }
    if rate > 0, rate < threads { return "--rate \(rate) is less than one request a second for each thread" }
    let isSingle = connections == 1 && depth == 1 && rate == 0
    if client == .raw, pollMicroseconds > 0, !isSingle {
      return "--poll wants --connections 1, --in-flight 1 and no --rate"
    }
    if client != .raw, !isSingle {
      return "--client \(client.rawValue) wants --connections 1, --in-flight 1 and no --rate"
    }
    if client == .mapped, reads < 100 { return "--client mapped only reads: --reads 100" }
    return nil
  }

  /// For how long a reply is looked for, whoever has said so.
  var pollMicroseconds: Int {
    if let poll { return poll }
    return client == .raw ? 0 : Int(SessionClient.Options().busyPoll / Duration.microseconds(1))
  }

  var nanoseconds: Int64 { Int64(seconds * 1e9) }
  var warmUpNanoseconds: Int64 { Int64(warmUp * 1e9) }
}
