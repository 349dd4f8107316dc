import Glibc

/// A descriptor that came over a socket; it is closed with the last reference.
final class ReceivedDescriptor {
  let number: Int32

  init(_ number: Int32) {
    self.number = number
  }

  deinit { close(number) }

  /// What `fstat(2)` says.
  var status: stat {
    get throws {
      var status = stat()
      try check(fstat(number, &status), "fstat")
      return status
    }
  }

  /// The 64-bit word at an offset of the file.
  func word(at offset: Int) throws -> UInt64 {
    var word: UInt64 = 0
    let count = try check(pread(number, &word, 8, off_t(offset)), "pread")
    guard count == 8 else { throw Failure("the file ends before \(offset)") }
    return word
  }
}
