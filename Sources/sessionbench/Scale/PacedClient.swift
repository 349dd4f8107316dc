import Glibc
import SystemCalls

/// A client that reads and writes sessions in random order, a request each so often.
final class PacedClient {
  private let connection: RawConnection
  private var read: RequestTemplate
  private var change: RequestTemplate
  private var order: RandomOrder
  let intervalNanoseconds: Int64

  /// - Parameter sessions: those with the numbers below are used.
  init(socket: String, sessions: Int, requestsPerSecond: Int) throws {
    connection = try RawConnection(socket)
    read = try ScaleSession.read()
    change = try ScaleSession.change()
    order = RandomOrder(sessions: sessions)
    intervalNanoseconds = 1_000_000_000 / Int64(requestsPerSecond)
  }

  var seed: UInt64 { order.seed }

  /// Goes on until a moment of CLOCK_BOOTTIME.
  func run(until end: Int64, _ latencies: inout PacedLatencies) throws {
    var due = BootClock.system.now()
    while due < end {
      let id = SessionShape.id(order.next())
      let isGet = latencies.isGetNext
      if isGet { read.name(id) } else { change.name(id) }
      let rest = due - BootClock.system.now()
      // It sleeps for longer than it should: the rate falls, but no request is said to be slow for it.
      if rest > 0 { usleep(UInt32(clamping: rest / 1000)) }
      let sentAt = BootClock.system.now()
      try connection.send(isGet ? read.bytes : change.bytes)
      try connection.expectLines(1, beginning: Server.sessiond.successBytes)
      latencies.take(BootClock.system.now() - sentAt)
      due = sentAt + intervalNanoseconds
    }
  }
}
