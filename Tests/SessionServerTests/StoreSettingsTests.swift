import SessionStore
import Testing

@testable import SessionServer

@Suite("The settings of the store")
struct StoreSettingsTests {
  /// What comes of flags alone.
  private func read(
    _ values: [Setting: String] = [:], stateDirectory: String? = nil, credentials: String? = nil
  ) throws(ConfigurationError) -> ServerConfiguration {
    try SettingReader(
      values: values.reduce(into: [:]) {
        $0[$1.key] = SourcedValue(setting: $1.key, text: $1.value, origin: .flag)
      },
      defaults: .init(
        socket: "/run/x/sessiond.sock", stateDirectory: stateDirectory, credentials: credentials, cores: 2)
    ).configuration()
  }

  private func error(_ values: [Setting: String]) -> String? {
    do {
      _ = try read(values)
      return nil
    } catch {
      return error.description
    }
  }

  @Test("have the documented defaults")
  func defaults() throws {
    let configuration = try read()
    #expect(configuration.store == .none)
    #expect(configuration.storeCredentials == nil)
    #expect(configuration.durability == .behind)
    #expect(configuration.flushEvery == 1_000_000_000)
    #expect(configuration.storeQueue == 100_000)
    #expect(configuration.storeTimeout == 2_000_000_000)
    #expect(configuration.cacheTTL == 0)
    #expect(configuration.staleFor == 0)
  }

  @Test("have defaults that depend on what systemd gives, and on one another")
  func dependentDefaults() throws {
    let own = StoreLocation.sqlite(path: "/var/lib/x/sessions.db")
    #expect(try read(stateDirectory: "/var/lib/x").store == own)
    #expect(try read([.store: "none"], stateDirectory: "/var/lib/x").store == .none)
    #expect(try read(credentials: "/run/c/store").storeCredentials == "/run/c/store")
    let named: [Setting: String] = [.store: "redis://h", .storeCredentials: "/d"]
    #expect(try read(named, credentials: "/run/c/store").storeCredentials == "/d")
    #expect(try read([.store: "sqlite:/a"]).durability == .behind)
    #expect(try read([.store: "redis://h"]).durability == .through)
    #expect(try read([.store: "unix:/r"]).durability == .through)
  }

  @Test("find in the environment what systemd gives")
  func environment() throws {
    try TemporaryDirectory.with { directory in
      try directory.write("", to: "conf")
      func read(_ environment: [String: String]) throws -> ServerConfiguration {
        try ConfigurationSource(flags: [:], config: directory.file("conf"), environment: environment).read()
      }
      #expect(try read(["STATE_DIRECTORY": ""]).store == .none)
      let first = StoreLocation.sqlite(path: "/var/lib/a/sessions.db")
      #expect(try read(["STATE_DIRECTORY": "/var/lib/a:/var/lib/b"]).store == first)
      let credentials = ["CREDENTIALS_DIRECTORY": directory.path]
      #expect(try read(credentials).storeCredentials == nil)
      try directory.write("secret", to: "store")
      #expect(try read(credentials).storeCredentials == directory.file("store"))
    }
  }

  @Test("take good values of each setting")
  func good() throws {
    #expect(try read([.store: "sqlite:/a/b.db"]).store == .sqlite(path: "/a/b.db"))
    for durability in Durability.allCases {
      #expect(
        try read([.store: "sqlite:/a", .durability: durability.rawValue]).durability == durability)
    }
    #expect(try read([.store: "redis://h", .durability: "through"]).durability == .through)
    #expect(try read([.store: "sqlite:/a", .flushEvery: "10ms"]).flushEvery == 10_000_000)
    #expect(try read([.store: "sqlite:/a", .flushEvery: "1m"]).flushEvery == 60_000_000_000)
    #expect(try read([.store: "sqlite:/a", .storeQueue: "1"]).storeQueue == 1)
    #expect(try read([.store: "redis://h", .storeTimeout: "100ms"]).storeTimeout == 100_000_000)
    #expect(try read([.store: "sqlite:/a", .cacheTTL: "15m"]).cacheTTL == 900_000_000_000)
    #expect(try read([.cacheTTL: "off"]).cacheTTL == 0)
    #expect(try read([.store: "redis://h", .staleFor: "30s"]).staleFor == 30_000_000_000)
    #expect(try read([.store: "sqlite:/a", .staleFor: "off"]).staleFor == 0)
  }

  @Test(
    "refuse bad values of each setting, and name it and the value",
    arguments: [
      (.durability, ["x", "Behind", "none", "0"]), (.flushEvery, ["x", "0", "9ms", "61s", "off", "-1"]),
      (.storeQueue, ["x", "0", "-1", "10000001", "1K"]), (.storeTimeout, ["x", "0", "99ms", "61s", "off"]),
      (.cacheTTL, ["x", "0", "none", "3651d"]), (.staleFor, ["x", "0", "none", "3651d"]),
    ] as [(Setting, [String])])
  func bad(setting: Setting, values: [String]) {
    for value in values {
      #expect(error([setting: value])?.hasPrefix("\(setting.flag): '\(value)' is not ") == true, "\(value)")
    }
  }

  @Test("refuse a store without repeating it, and say that this is since there may be a password in it")
  func badStore() {
    for value in [
      "redis://u:secret@h", "secret", "u:secret", "redis:u:secret@h", "redis://h:secret", "sqlite:u:secret@h",
      "unix:/r?password=secret",
    ] {
      let complaint = error([.store: value])
      #expect(complaint?.hasPrefix("--store: ") == true, "\(value)")
      #expect(complaint?.contains("secret") == false, "\(value)")
      #expect(
        complaint?.hasSuffix("; what was given is not repeated, since there may be a password in it") == true)
    }
  }

  @Test("repeat the path of a database that can't be one")
  func badPath() {
    for value in ["sqlite:relative.db", "sqlite::memory:", "sqlite:/a/"] {
      #expect(error([.store: value])?.hasPrefix("--store: '\(value)': ") == true, "\(value)")
    }
  }

  @Test("refuse a durability that the store can't keep")
  func impossibleDurability() {
    #expect(
      error([.store: "redis://h", .durability: "behind"])?.hasPrefix(
        "--durability: 'behind' does not go with") == true)
    #expect(error([.durability: "through"]) == "--durability: 'through' wants a store, and there is none")
    #expect(error([.durability: "behind"]) == nil)
  }

  @Test("refuse what would have no effect and looks as if it had one")
  func withoutEffect() {
    #expect(error([.cacheTTL: "1s"])?.hasPrefix("--cache-ttl: without a store") == true)
    for store in ["none", "sqlite:/a"] {
      #expect(error([.store: store, .staleFor: "1m"])?.hasPrefix("--stale-for: only what others") == true)
    }
    let credentials = "--store-credentials: only Redis and Valkey want credentials"
    #expect(error([.storeCredentials: "/a"]) == credentials)
    #expect(error([.store: "sqlite:/a", .storeCredentials: "/a"]) == credentials)
  }

  @Test("are warned of where there is no store, unless they are the defaults")
  func withoutStore() throws {
    func warnings(_ flags: [Setting: String]) throws -> [String] {
      try ConfigurationSource(flags: flags, config: "/dev/null", environment: [:]).settle().warnings
    }
    for (setting, text) in [
      (.flushEvery, "5s"), (.storeQueue, "9"), (.storeTimeout, "3s"),
    ] as [(Setting, String)] {
      let warning = "\(setting.flag): '\(text)' is of no effect, since there is no store"
      #expect(try warnings([setting: text]) == [warning])
      #expect(try warnings([setting: text, .store: "none"]) == [warning])
      #expect(try warnings([setting: text, .store: "sqlite:/a"]) == [])
    }
    let defaults: [Setting: String] = [
      .flushEvery: "1000ms", .storeQueue: "100000", .storeTimeout: "2", .cacheTTL: "off", .staleFor: "off",
    ]
    #expect(try warnings(defaults) == [])
  }
}
