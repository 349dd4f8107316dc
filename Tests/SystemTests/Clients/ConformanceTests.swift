import SessionClient
import SessionConformance
import Testing

@Suite("The daemon and its client do what sessions of one process do")
struct ConformanceTests {
  @Test("over the socket", arguments: ConformanceCase.all)
  func socket(_ conformance: ConformanceCase) async throws {
    try await run(conformance, mapping: .off)
  }

  @Test("out of the mapping", arguments: ConformanceCase.all.filter { !$0.needsPromptSliding })
  func mapping(_ conformance: ConformanceCase) async throws {
    try await run(conformance, mapping: .automatic)
  }

  @Test("with a database behind the cache", arguments: TestedStore.sqlite, ConformanceCase.all)
  func stored(_ store: TestedStore, _ conformance: ConformanceCase) async throws {
    try await TemporaryDirectory.with { directory in
      let options = DaemonOptions(arguments: store.arguments(at: directory.path))
      try await run(conformance, mapping: .off, options)
    }
  }

  @Test(
    "with a Redis server behind the cache",
    .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"),
    arguments: ConformanceCase.all.filter { !$0.needsOwnStore })
  func shared(_ conformance: ConformanceCase) async throws {
    try await TemporaryDirectory.with { directory in
      let server = try RedisServer(in: directory)
      defer { server.kill() }
      let options = DaemonOptions(arguments: TestedStore.redis.arguments(at: server.socketPath))
      try await run(conformance, mapping: .off, options)
    }
  }

  private func run(
    _ conformance: ConformanceCase, mapping: SessionClient.Options.Mapping,
    _ base: DaemonOptions = DaemonOptions()
  ) async throws {
    var options = base
    if let lifetime = conformance.lifetime {
      options.arguments += ["--max-lifetime", "\(Int(lifetime / .milliseconds(1)))ms"]
    }
    try await withDaemon(options) { daemon in
      var client = DaemonProcess.patient
      client.mapping = mapping
      try await conformance.run(on: daemon.client(client)) { try await Task.sleep(for: $0) }
    }
  }
}
