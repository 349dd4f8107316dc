import TestSupport

/// What the hammered sessions are like, which all processes of a test must agree on. Of four sessions
///
///     0   takes small values from all writers      1   takes values up to 100 kB from all writers
///     2   like 1, two keys at a time, with MSET    3   belongs to one writer alone, and expires now and then
struct HammerPlan {
  let sessions: Int
  let writers: Int

  init(_ arguments: Arguments) throws {
    sessions = try arguments.number("sessions")
    writers = try arguments.number("writers")
  }

  static func name(_ session: Int) -> String { "hammered-\(session)" }
  /// Where a writer keeps its value.
  static func key(_ writer: Int) -> String { "k\(writer)" }
  /// Where it keeps the number of that value, in sessions that are written two keys at a time.
  static func pairKey(_ writer: Int) -> String { "m\(writer)" }

  /// The one writer that ends this session now and then.
  func owner(_ session: Int) -> Int { (session / 4 + session) % writers }

  /// Nobody slides its time to live, so that it can expire: readers PEEK.
  func isLone(_ session: Int) -> Bool { session % 4 == 3 }

  func isPaired(_ session: Int) -> Bool { session % 4 >= 2 }

  func fillerMost(_ session: Int) -> Int { session % 4 == 0 ? 200 : ProvingValue.fillerMost }

  func writers(_ session: Int) -> ClosedRange<Int> {
    isLone(session) ? owner(session)...owner(session) : 0...(writers - 1)
  }
}
