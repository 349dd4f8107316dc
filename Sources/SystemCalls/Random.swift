import CLinux
import Glibc

/// A word from the kernel's random source (getrandom(2)).
public func randomWord() throws(SystemCallError) -> UInt64 {
  var word: UInt64 = 0
  // A request of at most 256 bytes is never cut short.
  _ = try systemCall("getrandom") {
    withUnsafeMutableBytes(of: &word) { linux_random($0.baseAddress!, $0.count) }
  }
  return word
}
