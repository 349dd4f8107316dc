public import Glibc

/// A system call that failed: which one, and its errno.
public struct SystemCallError: Error, Equatable, CustomStringConvertible {
  /// The call's name as in its man page.
  public let call: String
  public let code: Int32

  public init(_ call: StaticString, _ code: Int32) {
    self.call = call.description
    self.code = code
  }

  public var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// Makes a system call that answers -1 and sets errno when it fails, and makes it again when a
/// signal interrupted it. The one such loop there is.
@inlinable
public func systemCall<T: FixedWidthInteger & SignedInteger>(
  _ name: StaticString, _ call: () -> T
) throws(SystemCallError) -> T {
  while true {
    let result = call()
    if result != -1 { return result }
    if errno != EINTR { throw SystemCallError(name, errno) }
  }
}

/// Likewise, of a descriptor that does not block.
///
/// - Returns: nil where it would have to.
@inlinable
public func systemCallIfReady<T: FixedWidthInteger & SignedInteger>(
  _ name: StaticString, _ call: () -> T
) throws(SystemCallError) -> T? {
  do throws(SystemCallError) {
    return try systemCall(name, call)
  } catch {
    if error.code == EAGAIN || error.code == EWOULDBLOCK { return nil }
    throw error
  }
}
