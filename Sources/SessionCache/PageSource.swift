import CLinux
public import SystemCalls

/// Takes and gives back the memory behind the segment's pages. A protocol, so that tests can let it
/// fail.
public protocol PageSource: Sendable {
  /// Makes sure that storing into these bytes of the file can't fail (a full tmpfs kills with SIGBUS
  /// who stores into a page that was not allocated before).
  func commit(offset: Int, length: Int) throws(SystemCallError)
  /// Gives the memory of these bytes back to the system; they read as zero from then on.
  func release(offset: Int, length: Int) throws(SystemCallError)
}

/// The file itself, by fallocate(2).
public final class FilePages: PageSource {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  public func commit(offset: Int, length: Int) throws(SystemCallError) {
    _ = try systemCall("fallocate") { linux_allocate(descriptor.number, Int64(offset), Int64(length)) }
  }

  public func release(offset: Int, length: Int) throws(SystemCallError) {
    _ = try systemCall("fallocate") { linux_punch_hole(descriptor.number, Int64(offset), Int64(length)) }
  }
}
