import Testing

@testable import SessionServer

@Suite("A configuration file")
struct ConfigurationFileTests {
  private func values(_ text: String) -> [Setting: String] {
    let file = ConfigurationFile(path: "f.conf", text: text)
    #expect(file.problems.isEmpty)
    return file.values.mapValues(\.text)
  }

  private func error(_ text: String) -> String? {
    ConfigurationFile(path: "f.conf", text: text).problems.first
  }

  @Test("has KEY=value lines, comments and empty lines")
  func syntax() {
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
      values(text) == [
        .ttl: "5m", .maxLine: "64K", .socketGroup: "my group", .socket: "=/odd=name", .segment: " spaced ",
      ])
    #expect(values("").isEmpty)
    #expect(values("\n\n#").isEmpty)
  }

  @Test("may have the line ends of other systems")
  func carriageReturns() {
    #expect(
      values("ttl=5m\r\nmax-line=64K\r\n\r\n# x\r\nthreads=2") == [
        .ttl: "5m", .maxLine: "64K", .threads: "2",
      ])
    #expect(error("ttl=5m\r\n\r\nnonsense\r\n")?.hasPrefix("f.conf, line 3: ") == true)
  }

  @Test("counts the last line of a key")
  func repeated() {
    #expect(values("ttl=1\nthreads=3\nTTL=2") == [.ttl: "2", .threads: "3"])
  }

  @Test("tells once of each key that stands there more than once, and on which line besides")
  func warnings() {
    let text = "ttl=1\nthreads=3\nTTL=2\nmax-line=1K\nthreads=4\nttl=3\n"
    #expect(
      ConfigurationFile(path: "f.conf", text: text).warnings == [
        "f.conf, line 5: threads stands on line 2, too; the last counts",
        "f.conf, line 6: ttl stands on line 3, too; the last counts",
      ])
    #expect(ConfigurationFile(path: "f.conf", text: "ttl=1\n#ttl=2\n").warnings.isEmpty)
  }

  @Test("keeps quotes that are no pair")
  func quotes() {
    #expect(values("socket=\"") == [.socket: "\""])
    #expect(values("socket=\"a") == [.socket: "\"a"])
    #expect(values("socket=\"\"") == [.socket: ""])
    #expect(values("socket=a\"b\"") == [.socket: "a\"b\""])
  }

  @Test("that is wrong is told by its line")
  func errors() {
    #expect(error("ttl=1\n\nttl") == "f.conf, line 3: a line is KEY=value, a comment, or empty")
    #expect(error("#\nttl 5m") == "f.conf, line 2: a line is KEY=value, a comment, or empty")
    #expect(error("tll=5m") == "f.conf, line 1: there is no setting 'tll'; did you mean 'ttl'?")
    #expect(error("time=5m") == "f.conf, line 1: there is no setting 'time'; sessiond --help lists them")
    #expect(error("ttl=1\n=5m")?.hasPrefix("f.conf, line 2: there is no setting ''") == true)
    #expect(error("[sessiond]\nttl=1")?.hasPrefix("f.conf, line 1: ") == true)
  }

  @Test("is read to its end, whatever is wrong before")
  func allErrors() {
    let file = ConfigurationFile(path: "f.conf", text: "tll=1\nttl=2\nttl 3\nmax-lien=4\nthreads=5\n")
    #expect(
      file.problems == [
        "f.conf, line 1: there is no setting 'tll'; did you mean 'ttl'?",
        "f.conf, line 3: a line is KEY=value, a comment, or empty",
        "f.conf, line 4: there is no setting 'max-lien'; did you mean 'max-line'?",
      ])
    #expect(file.values.mapValues(\.text) == [.ttl: "2", .threads: "5"])
  }

  @Test("of very many wrong lines tells the first ones, and how many there are besides")
  func manyErrors() {
    let file = ConfigurationFile(path: "f.conf", text: String(repeating: "x\n", count: 1050))
    #expect(file.problems.count == 51)
    #expect(file.problems[49] == "f.conf, line 50: a line is KEY=value, a comment, or empty")
    #expect(file.problems.last == "f.conf: 1000 more lines are wrong")
  }

  @Test("remembers for each value where it stood")
  func places() {
    let file = ConfigurationFile(path: "f.conf", text: "\nttl=1\nmax_line=x")
    #expect(file.values[.ttl]?.source == "f.conf, line 2: ttl")
    #expect(file.values[.maxLine]?.source == "f.conf, line 3: max-line")
  }
}
