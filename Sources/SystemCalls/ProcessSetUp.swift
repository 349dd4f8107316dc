import CLinux
import Glibc

/// What a daemon arranges for itself before it opens anything.
public enum ProcessSetUp {
  /// Makes sure that descriptors 0, 1 and 2 are taken, by /dev/null where they were closed: otherwise the
  /// next files opened would get these numbers, and what is logged would be written into them.
  public static func openStandardDescriptors() throws(SystemCallError) {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
      // The lowest free number is this one, since those below it are taken.
      _ = try systemCall("open") { open("/dev/null", O_RDWR) }
    }
  }

  /// A pipe or a socket that nobody reads, and a file-size limit, are errors of the call that meets them
  /// and do not end the process.
  public static func ignoreWriteSignals() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Large buffers are always mapped, and go back to the system when they are freed (mallopt(3)): by
  /// itself the allocator keeps more and more of them after a burst.
  public static func returnLargeBuffers() {
    linux_map_large_blocks(128 * 1024)
  }
}
