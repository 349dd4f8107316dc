import Glibc
import SystemCalls
import Testing

@testable import SessionServer

@Suite("Where a configuration comes from")
struct ConfigurationSourceTests {
  @Test("reads the file that SESSIOND_CONFIG names, which must be there")
  func namedFile() throws {
    try TemporaryDirectory.with { directory in
      try directory.write("ttl = 5s", to: "a")
      try directory.write("ttl = 6s", to: "b")
      let environment = ["SESSIOND_CONFIG": directory.file("a")]
      #expect(
        try ConfigurationSource(flags: [:], config: nil, environment: environment).read().ttl == 5_000_000_000
      )
      let flag = ConfigurationSource(flags: [:], config: directory.file("b"), environment: environment)
      #expect(try flag.read().ttl == 6_000_000_000)
      let missing = ConfigurationSource(flags: [:], config: directory.file("c"), environment: [:])
      #expect(
        throws: ConfigurationError(
          "--config: '\(directory.file("c"))' can't be read: No such file or directory")
      ) {
        try missing.read()
      }
    }
  }

  @Test("refuses a file that is no text or has no end")
  func unreadable() throws {
    try TemporaryDirectory.with { directory in
      let descriptor = try Descriptor.open(directory.file("binary"), O_WRONLY | O_CREAT)
      let bytes: [UInt8] = [0x74, 0xFF, 0xFE]
      let count = try systemCall("write") { write(descriptor.number, bytes, bytes.count) }
      #expect(count == 3)
      #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
      for (path, why) in [
        (directory.file("binary"), "it is not UTF-8"), ("/dev/zero", "it has more than 1048576 bytes"),
        (directory.path, "Is a directory"), (directory.file("pipe"), "it is no regular file"),
      ] {
        let source = ConfigurationSource(flags: [:], config: path, environment: [:])
        #expect(throws: ConfigurationError("--config: '\(path)' can't be read: \(why)")) { try source.read() }
      }
    }
  }

  @Test("tells who named a file that can't be read, and wants a path where one is named")
  func badPath() {
    func problem(_ config: String?, _ variable: String) -> String? {
      let source = ConfigurationSource(
        flags: [:], config: config, environment: ["SESSIOND_CONFIG": variable])
      do throws(ConfigurationError) {
        _ = try source.read()
        return nil
      } catch {
        return error.description
      }
    }
    let variable = "SESSIOND_CONFIG: '/no/such' can't be read: No such file or directory"
    #expect(problem(nil, "/no/such") == variable)
    #expect(problem("/no/other", "/no/such")?.hasPrefix("--config: '/no/other' can't be read: ") == true)
    #expect(problem(nil, "") == "SESSIOND_CONFIG: the path is empty")
    #expect(problem("", "/dev/null") == "--config: the path is empty")
    #expect(problem("/dev/null", "") == nil)
  }

  @Test("counts a key's last line, and warns that there is another")
  func doubles() throws {
    try TemporaryDirectory.with { directory in
      try directory.write("ttl=1m\n\nTTL=2m\n", to: "f")
      let source = ConfigurationSource(flags: [:], config: directory.file("f"), environment: [:])
      let settled = try source.settle()
      #expect(settled.configuration.ttl == 120_000_000_000)
      #expect(
        settled.warnings == ["\(directory.file("f")), line 3: ttl stands on line 1, too; the last counts"])
    }
  }
}
