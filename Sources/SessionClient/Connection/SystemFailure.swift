internal import Glibc

/// A system call that failed, with the reason the kernel gave.
struct SystemFailure: Error, Equatable {
  let call: String
  let code: Int32

  /// The failure of the call made just now, taken from errno.
  static func last(_ call: String) -> SystemFailure {
    SystemFailure(call: call, code: errno)
  }
}

extension SystemFailure: CustomStringConvertible {
  var description: String {
    "\(call): \(String(cString: strerror(code)))"
  }
}
