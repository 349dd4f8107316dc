import CLinux
import Glibc

/// A lock file that holds the pid of the process that has the lock (flock(2)). The kernel lets go of
/// the lock when the process ends, however it ends; the file stays.
public struct PidLock: ~Copyable {
  /// Another process has the lock; its pid if the file tells it.
  public struct Taken: Error, Equatable {
    public let path: String
    public let pid: Int32?
  }

  public enum Failure: Error {
    case taken(Taken)
    case system(SystemCallError)
  }

  private let descriptor: Descriptor

  private init(descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// Takes the lock, without waiting.
  public static func take(path: String) throws(Failure) -> PidLock {
    let descriptor = try open(path)
    guard linux_lock(descriptor.number) == 0 else {
      let code = errno
      guard code == EWOULDBLOCK else { throw .system(SystemCallError("flock", code)) }
      throw .taken(Taken(path: path, pid: readPid(descriptor.number)))
    }
    let text = Array("\(getpid())\n".utf8)
    do throws(SystemCallError) {
      _ = try systemCall("ftruncate") { ftruncate(descriptor.number, 0) }
      _ = try systemCall("pwrite") { pwrite(descriptor.number, text, text.count, 0) }
    } catch {
      throw .system(error)
    }
    return PidLock(descriptor: descriptor)
  }

  private static func open(_ path: String) throws(Failure) -> Descriptor {
    do throws(SystemCallError) {
      return try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    } catch {
      throw .system(error)
    }
  }

  private static func readPid(_ descriptor: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int32(
      String(decoding: bytes.prefix(while: { $0 != UInt8(ascii: "\n") }).prefix(count), as: UTF8.self))
  }
}
