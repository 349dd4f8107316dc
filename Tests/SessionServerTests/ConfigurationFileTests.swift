import Testing

@testable import SessionServer

@Suite("A configuration file")
struct ConfigurationFileTests {
  private func values(_ text: String) throws(ConfigurationError) -> [Setting: String] {
    try ConfigurationFile(path: "f.conf", text: text).values.mapValues(\.text)
  }

  private func error(_ text: String) -> String? {
    do {
      _ = try values(text)
      return nil
    } catch {
      return error.description
    }
  }

  @Test("has KEY=value lines, comments and empty lines")
  func syntax() throws {
    let text = """
      # a comment
      ; another = one

        ttl = 5m\t
      MAX_LINE=64K
      socket-group="my group"
      socket==/odd=name
      segment = " spaced "
      """
    #expect(
      try values(text) == [
        .ttl: "5m", .maxLine: "64K", .socketGroup: "my group", .socket: "=/odd=name", .segment: " spaced ",
      ])
    #expect(try values("").isEmpty)
    #expect(try values("\n\n#").isEmpty)
  }

  @Test("may have the line ends of other systems")
  func carriageReturns() throws {
    #expect(
      try values("ttl=5m\r\nmax-line=64K\r\n\r\n# x\r\nthreads=2") == [
        .ttl: "5m", .maxLine: "64K", .threads: "2",
      ])
    #expect(error("ttl=5m\r\n\r\nnonsense\r\n")?.hasPrefix("f.conf, line 3: ") == true)
  }

  @Test("counts the last line of a key")
  func repeated() throws {
    #expect(try values("ttl=1\nthreads=3\nTTL=2") == [.ttl: "2", .threads: "3"])
  }

  @Test("keeps quotes that are no pair")
  func quotes() throws {
    #expect(try values("socket=\"") == [.socket: "\""])
    #expect(try values("socket=\"a") == [.socket: "\"a"])
    #expect(try values("socket=\"\"") == [.socket: ""])
    #expect(try values("socket=a\"b\"") == [.socket: "a\"b\""])
  }

  @Test("that is wrong is told by its line")
  func errors() {
    #expect(error("ttl=1\n\nttl") == "f.conf, line 3: a line is KEY=value, a comment, or empty")
    #expect(error("#\nttl 5m") == "f.conf, line 2: a line is KEY=value, a comment, or empty")
    #expect(error("tll=5m") == "f.conf, line 1: there is no setting 'tll'; sessiond --help lists them")
    #expect(error("ttl=1\n=5m")?.hasPrefix("f.conf, line 2: there is no setting ''") == true)
    #expect(error("[sessiond]\nttl=1")?.hasPrefix("f.conf, line 1: ") == true)
  }

  @Test("remembers for each value where it stood")
  func places() throws {
    let file = try ConfigurationFile(path: "f.conf", text: "\nttl=1\nmax_line=x")
    #expect(file.values[.ttl]?.source == "f.conf, line 2: ttl")
    #expect(file.values[.maxLine]?.source == "f.conf, line 3: max-line")
  }
}
