/// The socket's file.
package struct SocketFacts: Equatable, Sendable {
  let path: String
  /// Its permissions, and those of the directory that it lies in.
  let mode: UInt32
  let directoryMode: UInt32

  package init(path: String, mode: UInt32, directoryMode: UInt32) {
    self.path = path
    self.mode = mode
    self.directoryMode = directoryMode
  }
}
