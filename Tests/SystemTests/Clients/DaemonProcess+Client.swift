import SessionClient

extension DaemonProcess {
  /// Far more patience than any test needs, so that a busy machine makes none of them fail.
  static let patient = SessionClient.Options(
    requestTimeout: .seconds(60), reconnectPatience: .seconds(30))

  /// A client of the library on a connection of its own.
  func client(_ options: SessionClient.Options = patient) -> SessionClient {
    SessionClient(socket: socketPath, options: options)
  }
}
