import Glibc
import SystemCalls

/// Something that a test's own machinery could not do.
struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Asks again every millisecond until the condition holds; throws when it never does within a bound
/// that is far longer than what is waited for takes.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
  for _ in 0..<20_000 {
    if try condition() { return }
    usleep(1000)
  }
  throw TestFailure("never happened: \(what)")
}
