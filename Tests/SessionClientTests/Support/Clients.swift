import SessionClient

/// Waits long enough that only a hang makes a test fail by time.
func client(
  of daemon: FakeDaemon, timeout: Duration = .seconds(20), patience: Duration = .seconds(10),
  repeatsLostSets: Bool = false, replyBytesMax: Int = 64 * 1024 * 1024,
  mapping: SessionClient.Options.Mapping = .automatic
) -> SessionClient {
  SessionClient(
    socket: daemon.path,
    options: .init(
      requestTimeout: timeout, reconnectPatience: patience, repeatsLostSets: repeatsLostSets,
      replyBytesMax: replyBytesMax, mapping: mapping))
}
