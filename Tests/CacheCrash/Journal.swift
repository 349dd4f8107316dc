import Glibc
import Synchronization

/// What each writer of a process that is about to be killed has done, in memory that outlives it: a byte a
/// change.
final class Journal: @unchecked Sendable {
  enum Outcome: UInt8 {
    case unknown
    case done
    case refused
  }

  static let changesMost = 1 << 16

  // Unsafe memory: a shared anonymous mapping with `changesMost` bytes for each writer, which only that writer
  // stores into; read when the process is dead.
  private let base: UnsafeMutableRawPointer
  private let writers: Int

  init(writers: Int) {
    self.writers = writers
    let address = mmap(
      nil, writers * Self.changesMost, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { fatalError("mmap: \(errno)") }
    base = address
  }

  func clear() { memset(base, 0, writers * Self.changesMost) }

  /// Atomic, so that the change and this stay in their order.
  func note(_ outcome: Outcome, writer: Int, change: Int) {
    cell(writer, change).pointee.store(outcome.rawValue, ordering: .sequentiallyConsistent)
  }

  func outcome(writer: Int, change: Int) -> Outcome {
    Outcome(rawValue: cell(writer, change).pointee.load(ordering: .sequentiallyConsistent)) ?? .unknown
  }

  /// How many changes a writer has noted.
  func count(writer: Int) -> Int {
    (0..<Self.changesMost).prefix { outcome(writer: writer, change: $0) != .unknown }.count
  }

  /// Whether nobody has noted anything yet.
  var isEmpty: Bool { (0..<writers).allSatisfy { outcome(writer: $0, change: 0) == .unknown } }

  private func cell(_ writer: Int, _ change: Int) -> UnsafePointer<Atomic<UInt8>> {
    precondition(writer < writers && change < Self.changesMost)
    return UnsafeRawPointer(base + writer * Self.changesMost + change).assumingMemoryBound(
      to: Atomic<UInt8>.self)
  }
}
