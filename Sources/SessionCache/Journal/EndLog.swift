import SessionSegment
import SystemCalls

/// Why the sessions ended that did so last: a ring of so many ends, and a hash table over it by which the newest
/// end of an id is found. It is of this daemon's life only.
///
/// All its memory is there from the beginning, so that a note allocates nothing, but the system provides it with
/// the first use of each page: first 96 bytes an end, for an id of more than 64 bytes 191 more.
public final class EndLog: @unchecked Sendable {
  public struct End: Sendable, Equatable {
    public let cause: EndCause
    /// Who asked for it; nil where nobody did.
    public let origin: ChangeOrigin?
    /// When, in nanoseconds of CLOCK_BOOTTIME.
    public let at: Int64
  }

  /// How many ends are remembered.
  public static let capacity = 10_000

  private struct Slot {
    var at: Int64
    var origin: ChangeOrigin
    var bucket: UInt32
    /// The next older end in the same bucket, counted from 1; 0 for none.
    var next: UInt16
    var idBytes: UInt8
    var cause: EndCause
    var hasOrigin: Bool
    /// Whether it is in its bucket: not any more, once the id has ended again.
    var isLinked: Bool
  }

  private static let headBytes = 64
  private static let tailBytes = 255 - headBytes

  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private let seed: HashSeed
  private let capacity: Int
  private let bucketMask: Int
  // Unsafe memory: so many slots, id heads, id tails and buckets, indexed by numbers below those counts. A slot,
  // its head and its tail are read only where `used` says that they were written.
  private let slots: UnsafeMutablePointer<Slot>
  private let heads: UnsafeMutableRawPointer
  private let tails: UnsafeMutableRawPointer
  /// The newest end of each bucket, counted from 1; 0 for none.
  private let buckets: UnsafeMutablePointer<UInt16>
  private var used = 0
  private var next = 0

  /// - Parameters:
  ///   - seed: a secret, so that nobody can prepare ids that share a bucket.
  ///   - capacity: below 65,536.
  init(seed: HashSeed, capacity: Int = EndLog.capacity) {
    precondition(capacity > 0 && capacity < 1 << 16)
    self.seed = seed
    self.capacity = capacity
    var bucketCount = 1
    while bucketCount < capacity { bucketCount *= 2 }
    bucketMask = bucketCount - 1
    slots = .allocate(capacity: capacity)
    heads = .allocate(byteCount: capacity * Self.headBytes, alignment: 8)
    tails = .allocate(byteCount: capacity * Self.tailBytes, alignment: 8)
    buckets = .allocate(capacity: bucketCount)
    buckets.initialize(repeating: 0, count: bucketCount)
  }

  deinit {
    slots.deallocate()
    heads.deallocate()
    tails.deallocate()
    buckets.deallocate()
  }

  /// Notes that a session has ended. A lock of a few instructions; nothing is allocated.
  ///
  /// - Parameters:
  ///   - id: at most 255 bytes.
  ///   - moment: nanoseconds of CLOCK_BOOTTIME.
  func note(_ id: UnsafeRawBufferPointer, _ cause: EndCause, by origin: ChangeOrigin?, at moment: Int64) {
    assert(id.count <= 255)
    let bucket = bucket(of: id)
    lock.withLock {
      // An id is in its bucket once, so that a bucket stays short however often the same session ends.
      if let older = find(id, in: bucket) { unlink(older) }
      let index = next
      next = next + 1 == capacity ? 0 : next + 1
      if used < capacity { used += 1 } else if slots[index].isLinked { unlink(index) }
      let slot = Slot(
        at: moment, origin: origin ?? ChangeOrigin(uid: 0, pid: 0), bucket: UInt32(bucket),
        next: buckets[bucket], idBytes: UInt8(id.count), cause: cause, hasOrigin: origin != nil,
        isLinked: true)
      (slots + index).initialize(to: slot)
      store(id, at: index)
      buckets[bucket] = UInt16(index + 1)
    }
  }

  /// The newest end of a session of this id, if it is among those remembered; also when a session of the same id
  /// lives again.
  public func find(_ id: Span<UInt8>) -> End? {
    id.withUnsafeBytes { id in
      guard id.count <= 255 else { return nil }
      let bucket = bucket(of: id)
      return lock.withLock {
        guard let index = find(id, in: bucket) else { return nil }
        let slot = slots[index]
        return End(cause: slot.cause, origin: slot.hasOrigin ? slot.origin : nil, at: slot.at)
      }
    }
  }

  /// Bytes of memory that the ends take which are remembered, but for what ids of more than 64 bytes take besides.
  var byteCount: Int {
    lock.withLock { used } * (MemoryLayout<Slot>.stride + Self.headBytes)
  }

  private func bucket(of id: UnsafeRawBufferPointer) -> Int {
    Int(truncatingIfNeeded: SessionHash(id, seed: seed).bits) & bucketMask
  }

  // MARK: Under the lock

  private func find(_ id: UnsafeRawBufferPointer, in bucket: Int) -> Int? {
    var link = buckets[bucket]
    while link != 0 {
      let index = Int(link) - 1
      if has(id, at: index) { return index }
      link = slots[index].next
    }
    return nil
  }

  private func unlink(_ index: Int) {
    let bucket = Int(slots[index].bucket)
    slots[index].isLinked = false
    guard Int(buckets[bucket]) != index + 1 else {
      buckets[bucket] = slots[index].next
      return
    }
    var newer = Int(buckets[bucket]) - 1
    while Int(slots[newer].next) != index + 1 { newer = Int(slots[newer].next) - 1 }
    slots[newer].next = slots[index].next
  }

  private func store(_ id: UnsafeRawBufferPointer, at index: Int) {
    let headBytes = min(id.count, Self.headBytes)
    (heads + index * Self.headBytes).copyMemory(from: id.baseAddress!, byteCount: headBytes)
    guard id.count > headBytes else { return }
    (tails + index * Self.tailBytes).copyMemory(
      from: id.baseAddress! + headBytes, byteCount: id.count - headBytes)
  }

  private func has(_ id: UnsafeRawBufferPointer, at index: Int) -> Bool {
    guard Int(slots[index].idBytes) == id.count else { return false }
    let headBytes = min(id.count, Self.headBytes)
    let head = UnsafeRawBufferPointer(start: heads + index * Self.headBytes, count: headBytes)
    guard head.elementsEqual(id[..<headBytes]) else { return false }
    let tail = UnsafeRawBufferPointer(start: tails + index * Self.tailBytes, count: id.count - headBytes)
    return tail.elementsEqual(id[headBytes...])
  }
}
