internal import CLinux
internal import Glibc
internal import Synchronization

/// Counts without making the processors wait for each other: a counter for each, far enough apart that
/// no two share a cache line.
struct HitCounters: ~Copyable {
  /// Two cache lines: processors fetch them in pairs.
  private static let strideBytes = 128
  /// Beyond this many processors some share a counter.
  private static let countersMost = 64

  // Safe to share: the memory is this value's own, and holds nothing but atomics.
  private let memory: UnsafeMutableRawPointer
  private let mask: Int

  init() {
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))
    var count = 1
    while count < min(processors, Self.countersMost) { count *= 2 }
    mask = count - 1
    memory = .allocate(byteCount: count * Self.strideBytes, alignment: Self.strideBytes)
    for index in 0..<count {
      // An Atomic<UInt64> has the representation of a UInt64, and needs no deinitialization.
      (memory + index * Self.strideBytes).initializeMemory(as: UInt64.self, to: 0)
    }
  }

  deinit {
    memory.deallocate()
  }

  /// One more. Sequentially consistent, as the load of `ReadGate.isReporterAsleep` behind it is: either
  /// the reporter's last look at the counters sees this one, or the reader sees that it sleeps.
  @inline(__always)
  func count() {
    counter(Int(linux_current_cpu()) & mask).pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// All that was counted; it only grows.
  var sum: UInt64 {
    (0...mask).reduce(0) { $0 &+ counter($1).pointee.load(ordering: .sequentiallyConsistent) }
  }

  @inline(__always)
  private func counter(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (memory + index &* Self.strideBytes).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}
