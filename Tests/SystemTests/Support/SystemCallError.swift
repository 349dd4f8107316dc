import Glibc

/// A system call that failed.
struct SystemCallError: Error, CustomStringConvertible {
  let call: String
  /// errno as the call left it.
  let code: Int32

  var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// The result of a system call that tells failure by a negative number.
@discardableResult
func check<Number: SignedInteger>(_ result: Number, _ call: String) throws -> Number {
  guard result >= 0 else { throw SystemCallError(call: call, code: errno) }
  return result
}
