import Testing

@testable import SessionServer

@Suite("Settings that are good one by one and do not go together")
struct ContradictionTests {
  private func problems(_ values: [Setting: String], file: Set<Setting> = []) -> [String] {
    let values = values.map { setting, text in
      let origin: SourcedValue.Origin = file.contains(setting) ? .file(path: "/f", line: 3) : .flag
      return (setting, SourcedValue(setting: setting, text: text, origin: origin))
    }
    let reader = SettingReader(
      values: Dictionary(uniqueKeysWithValues: values),
      defaults: .init(socket: "/run/x/sessiond.sock", cores: 2))
    do throws(ConfigurationError) {
      _ = try reader.configuration()
      return []
    } catch {
      return error.problems
    }
  }

  @Test("are refused with both values and both places")
  func both() {
    #expect(
      problems([.ttl: "7200", .maxLifetime: "60m"], file: [.maxLifetime]) == [
        "--ttl: '2h' is more than max-lifetime, which is 1h (/f, line 3): no session could stay unused for so long; "
          + "ttl is at most max-lifetime"
      ])
    #expect(
      problems([.maxConnectionsPerUser: "10001"]) == [
        "--max-connections-per-user: '10001' is more than max-connections, which is 10000 (the default): one user "
          + "can't have more connections than there are"
      ])
    #expect(
      problems([.maxLine: "2M", .maxBuffers: "1M"], file: [.maxLine]) == [
        "/f, line 3: max-line: '2M' is more than max-buffers, which is 1M (--max-buffers): the longest line would be cut "
          + "off; max-buffers is at least max-line"
      ])
    #expect(
      problems([.maxSession: "512M"]) == [
        "--max-session: '512M' is more than max-memory, which is 256M (the default): the largest session would never "
          + "fit; max-session is at most max-memory"
      ])
  }

  @Test("are told beside other errors, but not of a value that can't be read")
  func beside() {
    #expect(problems([.ttl: "2h", .maxLifetime: "1h", .threads: "0"]).count == 2)
    #expect(problems([.ttl: "2h", .maxLifetime: "1hour"]).count == 1)
  }

  @Test("are none where nobody wrote the one that is too large, or where they are equal")
  func defaults() {
    // The default idle time is 10 minutes.
    #expect(problems([.maxLifetime: "5s"]).isEmpty)
    #expect(problems([.ttl: "1h", .maxLifetime: "off"]).isEmpty)
    #expect(problems([.ttl: "1h", .maxLifetime: "1h"]).isEmpty)
    #expect(problems([.maxConnections: "5"]).isEmpty)
    #expect(problems([.maxConnections: "5", .maxConnectionsPerUser: "5"]).isEmpty)
    #expect(problems([.maxMemory: "512K", .shards: "1"]).isEmpty)
    #expect(problems([.maxLine: "1M", .maxBuffers: "1M"]).isEmpty)
  }

  @Test("are more shards than there is memory for, told of the one that somebody wrote")
  func shards() {
    #expect(
      problems([.shards: "1024", .maxMemory: "16M"]) == [
        "--max-memory: '16M' is too little for shards=1024 (--shards): so many shards take 16728K"
      ])
    #expect(
      problems([.maxMemory: "600K"]) == [
        "--max-memory: '600K' is too little for shards=64 (the default): so many shards take 1292K"
      ])
  }

  @Test("are two that want the same file")
  func files() {
    #expect(
      problems([.socket: "/a", .segment: "/a"]) == [
        "--segment: '/a' is the socket already (--socket): each has a file of its own"
      ])
    #expect(
      problems([.segment: "/a", .store: "sqlite:/a"]) == [
        "--store: '/a' is the segment already (--segment): each has a file of its own"
      ])
  }
}
