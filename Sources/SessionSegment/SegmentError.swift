import Glibc

/// Why a segment can't be made or used.
public enum SegmentError: Error, Equatable, CustomStringConvertible {
  /// A system call failed: its name and errno.
  case system(String, Int32)
  /// The file at the segment's path is something else.
  case occupied
  /// The size asked for is not one a segment can have.
  case size(Int)
  /// Another daemon has the file.
  case taken
  /// The file belongs to another user.
  case owner(UInt32)
  /// The file is not one to read sessions from: why.
  case unfit(String)

  public var description: String {
    switch self {
    case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
    case .occupied: "the file is no segment and is left alone"
    case .size(let bytes): "a segment can't have \(bytes) bytes"
    case .taken: "another daemon has the file"
    case .owner(let uid): "the file belongs to user \(uid) and is left alone"
    case .unfit(let why): why
    }
  }
}
