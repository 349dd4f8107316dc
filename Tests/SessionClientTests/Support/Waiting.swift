/// Asks again every few milliseconds until the condition holds; throws when it never does within a bound that
/// is far longer than what it waits for takes.
func eventually(_ what: String, _ condition: () throws -> Bool) async throws {
  for _ in 0..<4000 {
    if try condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  throw TestFailure("never happened: \(what)")
}
