import SessionCache
import SessionSegment
import Testing

@testable import SessionServer

@Suite("A watch, apart from its socket") struct WatchTests {
  private let seed = HashSeed(first: 3, second: 4)

  private func sessions(_ ids: [String]) -> WatchedSessions {
    var sessions = WatchedSessions(seed: seed)
    for id in ids { sessions.add(Array(id.utf8).span) }
    return sessions
  }

  private func contains(_ sessions: WatchedSessions, _ id: String) -> Bool {
    sessions.contains(Array(id.utf8).span)
  }

  @Test("holds just the ids that were added, of any length, also when one was added twice")
  func contains() {
    let ids = (1...255).map { String(repeating: "x", count: $0) } + ["a", "b", "a"]
    let watched = sessions(ids)
    #expect(ids.allSatisfy { contains(watched, $0) })
    for other in ["", "y", "xy", "yx", String(repeating: "x", count: 256), "ab"] {
      #expect(!contains(watched, other))
    }
    #expect(watched.hashes.count == 257)
    #expect(contains(.all(seed: seed), "anything"))
  }

  @Test("counts what it takes, so that a user pays for it")
  func bytes() {
    #expect(WatchedSessions.all(seed: seed).byteCount == 0)
    let most = sessions((1000..<2024).map { String(repeating: "x", count: 251) + "\($0)" })
    #expect(most.byteCount > 1024 * 255)
  }

  @Test("tells each event that it wants once, in order, and of a rename to who knows either id")
  func tells() throws {
    let cache = try makeCache()
    let log = cache.events
    let listener = EventListener {}
    let start = cache.watchEvents(listener, wallClock: 0).last
    func watch(_ ids: [String]) -> Watch {
      _ = cache.watchEvents(listener, wallClock: 0)
      return Watch(sessions(ids), position: start, log: log, listener: listener)
    }
    let (one, other, both, none) = (watch(["a"]), watch([#"b"\"#]), watch(["a", #"b"\"#]), watch(["c"]))
    var edits = FieldEdits(seed: cache.hashSeed)
    let version = try cache.write(Array("a".utf8).span, &edits, of: [UInt8]().span, .init(), at: 1)
    let isRenamed = try cache.rename(
      Array("a".utf8).span, to: Array(#"b"\"#.utf8).span, grace: nil, at: 2, by: nil)
    #expect(isRenamed)
    var portion = EventPortion()
    #expect(log.read(after: start, bytesMost: 1 << 20, into: &portion) == .some)
    let set = #"EVENT {"seq":\#(start + 1),"event":"set","session":"a","version":\#(version)}"# + "\n"
    let rename =
      #"EVENT {"seq":\#(start + 2),"event":"rename","session":"a","to":"b\"\\","version":\#(version + 1)}"#
      + "\n"
    for (watch, expected) in [(one, set + rename), (other, rename), (both, set + rename), (none, "")] {
      var reply: [UInt8] = []
      watch.tell(portion, to: &reply)
      watch.tell(portion, to: &reply)
      #expect(String(decoding: reply, as: UTF8.self) == expected)
      #expect(watch.position == start + 2)
    }
    log.leave(listener)
  }
}
