import Glibc
import SessionClient
import Testing

@Suite("The flag that moves a program over") struct EnvironmentTests {
  @Test("picks the daemon", arguments: ["1", "true", "YES", "on", "On"])
  func daemon(flag: String) async throws {
    let daemon = try FakeDaemon { $0.answerAll { _ in "OK true\n" } }
    defer { daemon.stop() }
    let store = try sessions(fromEnvironment: ["USE_SESSIOND": flag, "SESSIOND_SOCKET": daemon.path])
    #expect(store is SessionClient)
    #expect(try await store.exists("s1"))
    #expect(daemon.lines == ["EXISTS s1"])
  }

  @Test("picks this process", arguments: [nil, "", "0", "false", "No", "off"])
  func local(flag: String?) async throws {
    var variables = ["SESSIOND_SOCKET": "/nowhere"]
    variables["USE_SESSIOND"] = flag
    let store = try sessions(fromEnvironment: SessionEnvironment(variables), local: .init(ttl: .seconds(7)))
    #expect(store is LocalSessions)
    try await store.set("s1", "a", 1)
    #expect(try await store.info("s1")?.idle == 7)
  }

  @Test("refuses to guess", arguments: ["2", "yess", " 1", "daemon"])
  func misspelt(flag: String) {
    #expect(
      throws: SessionError.invalidArgument(
        "USE_SESSIOND is \"\(flag)\"; it takes 1, true, yes or on for the daemon, and 0, false, no or off for none."
      )
    ) { try sessions(fromEnvironment: ["USE_SESSIOND": flag]) }
  }

  @Test("is read out of the process's own environment")
  func process() throws {
    #expect(getenv("USE_SESSIOND") == nil)
    #expect(try sessions(fromEnvironment: .process) is LocalSessions)
  }
}
