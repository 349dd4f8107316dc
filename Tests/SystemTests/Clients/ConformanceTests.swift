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

  private func run(
    _ conformance: ConformanceCase, mapping: SessionClient.Options.Mapping
  ) async throws {
    var options = DaemonOptions()
    if let lifetime = conformance.lifetime {
      options.arguments = ["--max-lifetime", "\(Int(lifetime / .milliseconds(1)))ms"]
    }
    try await withDaemon(options) { daemon in
      var client = DaemonProcess.patient
      client.mapping = mapping
      try await conformance.run(on: daemon.client(client)) { try await Task.sleep(for: $0) }
    }
  }
}
