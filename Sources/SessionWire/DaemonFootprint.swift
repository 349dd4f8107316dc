/// What the daemon and its tools must be of one mind about, besides the protocol.
public enum DaemonFootprint {
  /// The memory that the daemon takes besides `max-memory`, which a control group's limit must leave it: some 13 MB at
  /// rest, buffers of connections, and a map of the segment's pages, which takes 2.2 MB for each GB.
  ///
  /// - Parameter maxMemory: bytes.
  public static func bytesBeside(_ maxMemory: Int) -> Int { max(32 << 20, 24 << 20 + maxMemory / 256) }
}
