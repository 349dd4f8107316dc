import Synchronization

/// Proof that a thread still goes round its loop: it is asked, and answers when it comes by.
final class Progress: Sendable {
  let name: String
  private let asked = Atomic<UInt64>(0)
  private let answered = Atomic<UInt64>(0)

  init(name: String) {
    self.name = name
  }

  func ask() {
    asked.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// By the thread itself, once in each turn of its loop.
  func answer() {
    answered.store(asked.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
  }

  /// Whether it has answered since it was last asked.
  var hasAnswered: Bool {
    answered.load(ordering: .sequentiallyConsistent) == asked.load(ordering: .sequentiallyConsistent)
  }
}
