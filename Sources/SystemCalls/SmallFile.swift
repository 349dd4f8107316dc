import Glibc

/// Files that are read at once.
public enum SmallFile {
  /// Why a file is not read.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    case system(SystemCallError)
    /// A pipe, for one: it may never end, or never begin.
    case irregular
    case tooLarge(bytesMost: Int)

    public var description: String {
      switch self {
      case .system(let error): String(cString: strerror(error.code))
      case .irregular: "it is no regular file"
      case .tooLarge(let bytesMost): "it has more than \(bytesMost) bytes"
      }
    }

    /// The same as a call that failed.
    fileprivate var asCall: SystemCallError {
      switch self {
      case .system(let error): error
      case .irregular: SystemCallError("open", EINVAL)
      case .tooLarge: SystemCallError("read", EFBIG)
      }
    }
  }

  /// Far more than any file has in which the kernel tells of a process or a control group.
  private static let kernelBytesMost = 64 << 10

  /// Reads a regular file, or a device such as /dev/null, and waits for nobody who would write to it.
  public static func bytes(of path: String, most: Int) throws(Failure) -> [UInt8] {
    let descriptor = try open(path)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    // The size that fstat(2) tells is 0 for the kernel's own files.
    while bytes.count <= most {
      let count = try read(descriptor, into: &chunk)
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
    throw .tooLarge(bytesMost: most)
  }

  /// One of the kernel's own (proc(5), cgroups(7)).
  public static func text(ofKernel path: String) throws(SystemCallError) -> String {
    do throws(Failure) {
      return String(decoding: try bytes(of: path, most: kernelBytesMost), as: UTF8.self)
    } catch {
      throw error.asCall
    }
  }

  private static func open(_ path: String) throws(Failure) -> Descriptor {
    let descriptor: Descriptor
    do throws(SystemCallError) {
      // Without O_NONBLOCK the open of a pipe would wait for whoever writes to it.
      descriptor = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
    } catch {
      throw .system(error)
    }
    try check(descriptor)
    return descriptor
  }

  private static func check(_ descriptor: borrowing Descriptor) throws(Failure) {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw .system(SystemCallError("fstat", errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFREG, S_IFCHR: return
    case S_IFDIR: throw .system(SystemCallError("read", EISDIR))
    default: throw .irregular
    }
  }

  private static func read(
    _ descriptor: borrowing Descriptor, into chunk: inout [UInt8]
  ) throws(Failure) -> Int {
    let number = descriptor.number
    do throws(SystemCallError) {
      return try systemCall("read") { Glibc.read(number, &chunk, chunk.count) }
    } catch {
      throw .system(error)
    }
  }
}
