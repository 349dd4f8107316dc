import Glibc
import Logging
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The configuration")
struct ConfigurationTests {
  /// What comes of flags alone.
  private func read(
    _ values: [Setting: String] = [:], runtimeDirectory: String? = nil, stateDirectory: String? = nil,
    cores: Int = 2
  ) throws(ConfigurationError) -> ServerConfiguration {
    try SettingReader(
      values: values.reduce(into: [:]) {
        $0[$1.key] = SourcedValue(setting: $1.key, text: $1.value, origin: .flag)
      },
      defaults: .init(
        socket: "/run/x/sessiond.sock", runtimeDirectory: runtimeDirectory, stateDirectory: stateDirectory,
        cores: cores)
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

  @Test("has the documented defaults")
  func defaults() throws {
    let configuration = try read()
    #expect(configuration.socket == "/run/x/sessiond.sock")
    #expect(configuration.segment == "/run/x/sessiond.segment")
    #expect(configuration.maxMemory == 256 << 20)
    #expect(configuration.ttl == 600_000_000_000)
    #expect(configuration.maxLifetime == 0)
    #expect(configuration.threads == 1)
    #expect(configuration.busyPoll == 20_000)
    #expect(configuration.shards == 64)
    #expect(configuration.maxConnections == 10_000)
    #expect(configuration.maxConnectionsPerUser == 9_968)
    #expect(configuration.maxBuffers == 256 << 20)
    #expect(configuration.maxLine == 1 << 20)
    #expect(configuration.maxSession == 1 << 20)
    #expect(configuration.lineTimeout == 30_000_000_000)
    #expect(configuration.logLevel == .info)
    #expect(configuration.socketMode == 0o660)
    #expect(configuration.socketGroup == nil)
    #expect(configuration.mappers == .everybody)
    #expect(configuration.admins == .nobody)
    #expect(configuration.readers == .nobody)
    #expect(configuration.whenFull == .refuse)
  }

  @Test("has defaults that depend on the machine, the directory, and one another")
  func dependentDefaults() throws {
    #expect(try read(cores: 1).threads == 1)
    #expect(try read(cores: 2).threads == 1)
    #expect(try read(cores: 6).threads == 3)
    #expect(try read(cores: 64).threads == 4)
    #expect(try read(cores: -1).threads == 1)
    #expect(try read(runtimeDirectory: "/run/d").segment == "/run/d/segment")
    #expect(try read([.socket: "/a/b"]).segment == "/a/b.segment")
    #expect(try read([.socket: "/a/b.sock"]).segment == "/a/b.segment")
    #expect(try read([.maxConnections: "1000"]).maxConnectionsPerUser == 968)
    #expect(try read([.maxConnections: "100"]).maxConnectionsPerUser == 88)
    #expect(try read([.maxConnections: "5"]).maxConnectionsPerUser == 5)
  }

  @Test("takes good values of each setting")
  func good() throws {
    #expect(try read([.segment: "/dev/shm/s"]).segment == "/dev/shm/s")
    #expect(try read([.maxMemory: "2G"]).maxMemory == 2 << 30)
    #expect(try read([.ttl: "1ms"]).ttl == 1_000_000)
    #expect(try read([.ttl: "3650d"]).ttl == 315_360_000_000_000_000)
    #expect(try read([.maxLifetime: "12h"]).maxLifetime == 43_200_000_000_000)
    #expect(try read([.maxLifetime: "off"]).maxLifetime == 0)
    #expect(try read([.threads: "64"]).threads == 64)
    let times: [(String, Int64)] = [("1us", 1000), ("1ms", 1_000_000), ("off", 0), ("0", 0), ("0us", 0)]
    for (text, nanoseconds) in times {
      #expect(try read([.busyPoll: text]).busyPoll == nanoseconds)
    }
    for shards in [1, 2, 512, 1024] { #expect(try read([.shards: "\(shards)"]).shards == shards) }
    #expect(try read([.maxConnections: "1000000"]).maxConnections == 1_000_000)
    #expect(try read([.maxConnectionsPerUser: "1"]).maxConnectionsPerUser == 1)
    #expect(try read([.maxBuffers: "1M"]).maxBuffers == 1 << 20)
    #expect(try read([.maxLine: "1K"]).maxLine == 1024)
    #expect(try read([.maxSession: "1G", .maxMemory: "1G"]).maxSession == 1 << 30)
    #expect(try read([.lineTimeout: "500ms"]).lineTimeout == 500_000_000)
    for level in ServerConfiguration.LogLevel.allCases {
      #expect(try read([.logLevel: level.rawValue]).logLevel == level)
    }
    for choice in ServerConfiguration.WhenFull.allCases {
      #expect(try read([.whenFull: choice.rawValue]).whenFull == choice)
    }
    for (text, mode) in [("0600", 0o600), ("666", 0o666), ("0", 0)] as [(String, UInt32)] {
      #expect(try read([.socketMode: text]).socketMode == mode)
    }
    #expect(try read([.socketGroup: "www-data"]).socketGroup == "www-data")
  }

  @Test(
    "refuses bad values of each setting, and names it and the value",
    arguments: [
      (.maxMemory, ["x", "1", "-1", "64K", "32T", "99999999999999G"]),
      (.ttl, ["x", "0", "-1", "off", "3651d", "9999999999999999999d", "1.5s"]),
      (.maxLifetime, ["x", "0", "OFF", "none", "3651d"]),
      (.threads, ["x", "0", "65", "-1", "+4", "1.5", "99999999999999999999"]),
      (.busyPoll, ["x", "20", "-1", "1001us", "2ms", "1s", "20ns", "OFF", "1.5us", "us"]),
      (.shards, ["x", "0", "3", "100", "2048", "-4"]), (.maxConnections, ["x", "0", "1000001", "10K"]),
      (.maxConnectionsPerUser, ["x", "0", "1000001"]), (.maxBuffers, ["x", "0", "1023K", "2T"]),
      (.maxLine, ["x", "0", "1023", "2G", "10m s"]),
      (.maxSession, ["x", "0", "1023", "2G"]), (.lineTimeout, ["x", "0", "-1", "3651d"]),
      (.logLevel, ["x", "INFO", "trace", "critical", "all"]),
      (.whenFull, ["x", "Evict", "EVICT", "none", "0"]),
      (.socketMode, ["x", "8", "0999", "1777", "07777", "00660", "-1", "0x1", "rw-rw----"]),
    ] as [(Setting, [String])])
  func bad(setting: Setting, values: [String]) {
    for value in values {
      #expect(error([setting: value])?.hasPrefix("\(setting.flag): '\(value)' is not ") == true, "\(value)")
    }
  }

  @Test("takes lists of users and groups, by name and by number")
  func peerLists() throws {
    let lists: [(String, PeerList)] = [
      ("all", .everybody), ("none", .nobody), ("root", .these(users: [0], groups: [])),
      ("0", .these(users: [0], groups: [])), ("%root", .these(users: [], groups: [0])),
      ("4294967294", .these(users: [4_294_967_294], groups: [])),
      ("%4294967294,%7", .these(users: [], groups: [4_294_967_294, 7])),
      ("root, 33 ,\t%root,%33,33", .these(users: [0, 33], groups: [0, 33])),
    ]
    for (text, list) in lists {
      #expect(try read([.mappers: text]).mappers == list, "\(text)")
      #expect(try read([.admins: text]).admins == list, "\(text)")
      #expect(try read([.readers: text]).readers == list, "\(text)")
    }
  }

  @Test(
    "refuses a list with somebody whom nobody knows, and says who that is",
    arguments: [
      ("no-such-user", "there is no user 'no-such-user'"),
      ("root,no-such-user", "there is no user 'no-such-user'"),
      ("%no-such-group,root", "there is no group 'no-such-group'"), ("%%root", "there is no group '%root'"),
      ("-1", "there is no user '-1'"), ("+5", "there is no user '+5'"), ("1.5", "there is no user '1.5'"),
      ("ALL", "there is no user 'ALL'"), ("root root", "there is no user 'root root'"),
      ("root;0", "there is no user 'root;0'"),
      ("4294967295", "there is no user 4294967295: numbers go to 4294967294"),
      ("%99999999999999999999", "there is no group 99999999999999999999: numbers go to 4294967294"),
      ("root,,0", "'root,,0' has an entry without a name"), (",", "',' has an entry without a name"),
      ("root,", "'root,' has an entry without a name"), ("%", "'%' has an entry without a name"),
      (" ", "' ' has an entry without a name"), ("all,root", "'all,root': 'all' and 'none' stand alone"),
      ("root,none", "'root,none': 'all' and 'none' stand alone"),
    ])
  func badPeerLists(text: String, complaint: String) {
    for setting in [Setting.mappers, .admins, .readers] {
      #expect(error([setting: text]) == "\(setting.flag): \(complaint)")
    }
  }

  @Test("refuses an empty value of any setting", arguments: Setting.allCases)
  func empty(setting: Setting) {
    #expect(error([setting: ""]) == "\(setting.flag): the value is empty")
  }

  @Test("prefers a flag to the environment, and that to the file", arguments: Setting.allCases)
  func precedence(setting: Setting) throws {
    try TemporaryDirectory.with { directory in
      // A value that is refused tells where it was read.
      try directory.write("\(setting.name) =\n", to: "file")
      func source(flag: Bool, environment: Bool) -> String? {
        let source = ConfigurationSource(
          flags: flag ? [setting: ""] : [:], config: directory.file("file"),
          environment: environment ? [setting.environmentName: ""] : [:])
        do throws(ConfigurationError) {
          _ = try source.read()
          return nil
        } catch {
          return error.description
        }
      }
      let complaint = ": the value is empty"
      #expect(source(flag: true, environment: true) == setting.flag + complaint)
      #expect(source(flag: false, environment: true) == setting.environmentName + complaint)
      let place = "\(directory.file("file")), line 1: \(setting.name)"
      #expect(source(flag: false, environment: false) == place + complaint)
    }
  }

  @Test("has one name for a setting in all three places")
  func names() {
    #expect(Setting.maxConnectionsPerUser.flag == "--max-connections-per-user")
    #expect(Setting.maxConnectionsPerUser.environmentName == "SESSIOND_MAX_CONNECTIONS_PER_USER")
    for key in ["max-line", "MAX_LINE", "Max-Line", "max_line"] { #expect(Setting(fileKey: key) == .maxLine) }
    for key in ["", "maxline", "max line", "--max-line", "SESSIOND_MAX_LINE"] {
      #expect(Setting(fileKey: key) == nil)
    }
  }

  @Test("takes over on reload what may change, and tells what may not")
  func reload() throws {
    // What lives in memory only has no time to stay there.
    let stored: [Setting: String] = [.store: "sqlite:/a"]
    let old = try read(stored)
    let changes: [Setting: String] = [
      .socket: "/other", .segment: "/other.segment", .segmentOnDisk: "allow", .maxMemory: "1G", .ttl: "1m",
      .maxLifetime: "1d",
      .threads: "7", .busyPoll: "30us",
      .shards: "8", .maxConnections: "50", .maxConnectionsPerUser: "40", .maxBuffers: "5M", .maxLine: "2K",
      .maxSession: "3K",
      .lineTimeout: "4s", .logLevel: "debug", .socketMode: "0600", .socketGroup: "other", .mappers: "none",
      .admins: "7", .readers: "all", .whenFull: "evict", .store: "redis://h", .storeCredentials: "/b",
      .durability: "through", .flushEvery: "5s", .storeQueue: "9", .storeTimeout: "7s", .cacheTTL: "1h",
      .staleFor: "1m",
    ]
    #expect(Set(changes.keys) == Set(Setting.allCases))
    var current = old
    let fixed = current.takeReloadable(from: try read(changes))
    #expect(Set(fixed) == Set(Setting.allCases.filter { !$0.isReloadable }))
    // The same as if only what may change had been changed.
    var expected = try read(changes.filter { $0.key.isReloadable }.merging([.store: "redis://h"]) { $1 })
    (expected.store, expected.durability) = (old.store, old.durability)
    #expect(current == expected)
    #expect(current.takeReloadable(from: expected).isEmpty)
    expected.ttl = 1
    #expect(current != expected)
  }
}
