import Glibc
import Synchronization
import TestSupport
import Testing

@Suite("Watchers amid random changes")
struct RandomWatcherTests {
  private static let sessions = (0..<30).map { "s\($0)" }
  /// The last change of all, which everybody watches for.
  private static let last = "the end"

  /// What each watcher was told.
  private final class Told: Sendable {
    private let events = Mutex<[Int: [Watcher.Event]]>([:])
    let writersLeft = Atomic<Int>(2)
    func set(_ index: Int, _ told: [Watcher.Event]) { events.withLock { $0[index] = told } }
    subscript(index: Int) -> [Watcher.Event] { events.withLock { $0[index] ?? [] } }
  }

  /// The sessions that a watcher watches.
  private static func wanted(_ index: Int, _ seed: UInt64) -> [String] {
    var random = SplitMix64(seed: seed &+ UInt64(index))
    return sessions.filter { _ in random.pick(3) == 0 }
  }

  private static func request(_ random: inout SplitMix64) -> String {
    let session = sessions[random.pick(sessions.count)]
    switch random.pick(12) {
    case 0: return "DEL \(session)"
    case 1: return "RENAME \(session) \(sessions[random.pick(sessions.count)]) GRACE 0.002"
    case 2: return "MSET \(session) TTL 0.01 {\"k\":1}"
    case 3: return "TAG \(session) t\(random.pick(3))"
    case 4: return "UNTAG \(session) t\(random.pick(3))"
    case 5: return "GET \(session)"
    default: return "SET \(session) k TTL 0.\(1 + random.pick(5)) \(random.pick(100))"
    }
  }

  /// Watches until the last change, leaving and coming back all the while.
  private static func watch(
    _ path: String, _ wanted: [String], since start: UInt64, _ random: inout SplitMix64
  ) throws -> [Watcher.Event] {
    let words = (wanted + [last]).map { "\"\($0)\"" }.joined(separator: " ")
    var told: [Watcher.Event] = []
    while told.last?.session != last {
      let watcher = try Watcher(path: path, "\(words) SINCE \(told.last?.number ?? start)")
      for _ in 0...random.pick(200) where told.last?.session != last {
        told.append(try watcher.event())
        if random.pick(20) == 0 { pause(milliseconds: UInt32(random.pick(5))) }
      }
    }
    return told
  }

  @Test(
    "each is told of its sessions just what one who watches all is told, whoever comes and goes",
    arguments: [UInt64.random(in: 1...UInt64.max)])
  func random(seed: UInt64) throws {
    try withDaemon(DaemonOptions(arguments: ["--threads", "3", "--ttl", "20ms"])) { daemon in
      let start = try Watcher(daemon, "*").start
      let path = daemon.socketPath
      let told = Told()
      try inThreads(7) { index in
        var random = SplitMix64(seed: seed &+ UInt64(index))
        switch index {
        case 0, 1:
          let writer = try RawConnection(path: path)
          for step in 0..<6000 {
            _ = try writer.request(Self.request(&random))
            if step % 8 == 0 { pause(milliseconds: 1) }
          }
          if told.writersLeft.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
            _ = try writer.request("SET \"\(Self.last)\" k TTL 600 1").version
          }
        case 2:
          let watcher = try Watcher(path: path, "* SINCE \(start)")
          var all: [Watcher.Event] = []
          while all.last?.session != Self.last { all.append(try watcher.event()) }
          told.set(index, all)
        default:
          told.set(index, try Self.watch(path, Self.wanted(index, seed), since: start, &random))
        }
      }
      let all = told[2]
      #expect(all.map(\.number) == (1...UInt64(all.count)).map { start + $0 }, "seed \(seed)")
      #expect(Set(all.map(\.kind)).isSuperset(of: ["set", "del", "rename", "expire"]))
      for index in 3..<7 {
        let ids = Set(Self.wanted(index, seed) + [Self.last])
        let isSame = told[index] == all.filter { ids.contains($0.session) || ids.contains($0.to) }
        #expect(isSame, "watcher \(index), seed \(seed)")
      }
    }
  }
}
