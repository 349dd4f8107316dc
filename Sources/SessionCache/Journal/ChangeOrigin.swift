/// The process that asked for a change, as the kernel named it when it connected (SO_PEERCRED, unix(7)).
public struct ChangeOrigin: Sendable, Equatable {
  public let uid: UInt32
  public let pid: Int32

  public init(uid: UInt32, pid: Int32) {
    self.uid = uid
    self.pid = pid
  }
}
