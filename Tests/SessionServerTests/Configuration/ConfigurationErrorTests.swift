import Testing

@testable import SessionServer

@Suite("What is wrong with a configuration")
struct ConfigurationErrorTests {
  private func problems(
    flags: [Setting: String] = [:], environment: [String: String] = [:], file: String = ""
  ) throws -> [String] {
    try TemporaryDirectory.with { directory in
      try directory.write(file, to: "f")
      let source = ConfigurationSource(flags: flags, config: directory.file("f"), environment: environment)
      do throws(ConfigurationError) {
        _ = try source.settle()
        return []
      } catch {
        return error.problems.map { $0.replacing(directory.path + "/", with: "") }
      }
    }
  }

  @Test("is told all at once, each with the flag, the variable or the line that it comes from")
  func all() throws {
    let found = try problems(
      flags: [.threads: "none", .mappers: "all,root"],
      environment: ["SESSIOND_MAX_LINE": "64KB", "SESSIOND_TLL": "1m"],
      file: "ttl=10min\nmax-memory 1G\nsocket-modus=0600\nwhen-full=drop\n")
    #expect(
      found == [
        "f, line 2: a line is KEY=value, a comment, or empty",
        "f, line 3: there is no setting 'socket-modus'; did you mean 'socket-mode'?",
        "SESSIOND_TLL: there is no such setting; did you mean SESSIOND_TTL?",
        "--mappers: 'all,root': 'all' and 'none' stand alone",
        "SESSIOND_MAX_LINE: '64KB' is not a size such as 64K, 256M or 2G, from 1K to 1G; there is no unit 'KB' here: "
          + "there are K, M, G, T",
        "--threads: 'none' is not a number from 1 to 64",
        "f, line 4: when-full: 'drop' is not refuse or evict",
        "f, line 1: ttl: '10min' is not a time such as 500ms, 10m or 2h, from 1ms to 3650d; there is no unit 'min' here: "
          + "there are ms, s, m, h, d",
      ])
  }

  @Test("is told in one line where there is room for one only")
  func description() {
    #expect(ConfigurationError(problems: ["a", "b"])?.description == "a; b")
    #expect(ConfigurationError(problems: []) == nil)
  }

  @Test("includes a number whose unit was forgotten, and a unit of something else")
  func units() throws {
    #expect(
      try problems(flags: [.flushEvery: "1000"]) == [
        "--flush-every: '1000' is not a time such as 500ms or 1s, from 10ms to 60s; without a unit it is seconds"
      ])
    #expect(try problems(flags: [.flushEvery: "1"]).isEmpty)
    #expect(try problems(flags: [.maxMemory: "256"]).first?.hasSuffix("; without a unit it is bytes") == true)
    #expect(
      try problems(flags: [.ttl: "10M"]).first?.hasSuffix(
        "there is no unit 'M' here: there are ms, s, m, h, d") == true)
    #expect(try problems(flags: [.maxLine: "10s"]).first?.hasSuffix("there are K, M, G, T") == true)
    // It is quoted as it was typed.
    #expect(
      try problems(flags: [.maxMemory: "256MiB"]).first?.hasSuffix(
        "there is no unit 'MiB' here: there are K, M, G, T") == true)
    #expect(
      try problems(flags: [.busyPoll: "20"]) == [
        "--busy-poll: '20' is not a time such as 20us, up to 1ms, nor off; without a unit it is seconds"
      ])
    #expect(
      try problems(flags: [.busyPoll: "20ns"]).first?.hasSuffix(
        "there is no unit 'ns' here: there are us, ms, s, m, h, d") == true)
    // It has a unit, and is too large.
    #expect(try problems(flags: [.maxLine: "2g"]).first?.hasSuffix("from 1K to 1G") == true)
    #expect(try problems(flags: [.flushEvery: "1h"]).first?.hasSuffix("from 10ms to 60s") == true)
  }

  @Test("shows control characters of keys and values written out, so that none reaches a terminal")
  func controlCharacters() throws {
    let found = try problems(
      flags: [.mappers: "a\u{9B}b"], file: "ttl=\u{1B}[31m5\u{1B}]0;hi\u{7}\n\u{1B}[31mfoo\0=1\n")
    #expect(
      found == [
        #"f, line 2: there is no setting '\u{1B}[31mfoo\u{0}'; sessiond --help lists them"#,
        #"--mappers: there is no user 'a\u{9B}b'"#,
        #"f, line 1: ttl: '\u{1B}[31m5\u{1B}]0;hi\u{7}' is not a time such as 500ms, 10m or 2h, from 1ms to 3650d"#,
      ])
  }

  @Test("quotes the beginning of a long value only")
  func longValues() throws {
    let long = String(repeating: "x", count: 100_000)
    let beginning = "'\(long.prefix(200))…'"
    #expect(try problems(flags: [.threads: long]) == ["--threads: \(beginning) is not a number from 1 to 64"])
    #expect(
      try problems(flags: [.admins: "all,\(long)"]) == [
        "--admins: 'all,\(long.prefix(196))…': 'all' and 'none' stand alone"
      ])
  }

  @Test("says which modes a socket may have", arguments: ["00000", "999", "1777"])
  func socketMode(text: String) throws {
    #expect(
      try problems(flags: [.socketMode: text]) == [
        "--socket-mode: '\(text)' is not an octal mode such as 0660, of up to four digits, from 0 to 0777"
      ])
  }

  @Test("does not include variables that are no slip of anybody's")
  func foreignVariables() throws {
    for name in [
      "SESSIOND_PORT", "SESSIOND_SERVICE_HOST", "SESSIOND_", "SESSIOND_TEST_STALL", "USE_SESSIOND",
    ] {
      #expect(try problems(environment: [name: "x"]).isEmpty, "\(name)")
    }
  }

  @Test("does not include what follows from a store that can't be read")
  func badStore() throws {
    let found = try problems(
      flags: [
        .store: "nonsense", .durability: "through", .cacheTTL: "1m", .staleFor: "1m", .storeCredentials: "/a",
      ])
    #expect(found.count == 1)
  }
}

@Suite("The setting that a misspelled name means")
struct SettingResemblingTests {
  @Test(
    "has one slip at most where the name is short, two otherwise",
    arguments: [
      ("tll", Setting.ttl), ("tl", .ttl), ("TTTL", .ttl), ("max-memroy", .maxMemory),
      ("maxmemory", .maxMemory),
      ("MAX_MEMORIES", nil), ("max-lines", .maxLine), ("treads", .threads), ("socket-groups", .socketGroup),
      ("durabilty", .durability), ("flush-evry", .flushEvery), ("logleve", .logLevel), ("stores", .store),
      ("segmnet", .segment), ("", nil), ("port", nil), ("x", nil), ("timeout", nil), ("max", nil),
      (String(repeating: "ttl", count: 1000), nil),
    ] as [(String, Setting?)])
  func nearest(name: String, setting: Setting?) {
    #expect(Setting.resembling(name) == setting)
  }

  @Test("is itself where it is spelled right", arguments: Setting.allCases)
  func exact(setting: Setting) {
    #expect(Setting.resembling(setting.name) == setting)
  }
}
