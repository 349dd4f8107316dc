import Glibc
public import SessionSegment

/// Some keys, each with a new value or none, all of them ranges of one request's bytes: what a change
/// does to a session, or which of its keys are asked for. Used again and again, so that its lists stop
/// allocating once they are warm.
public struct FieldEdits: Sendable {
  struct Edit {
    var key: Range<Int>
    /// nil: the key is taken out.
    var value: Range<Int>?
    /// Whether the session has the key already.
    var isFound = false
  }

  /// Up to so many keys are compared one after the other; more are hashed.
  private static let scanned = 8

  private(set) var edits: [Edit] = []
  /// Open-addressed: numbers of edits, -1 for none. Empty while the edits are few.
  private var table: [Int32] = []
  private let seed: HashSeed

  /// `seed` is random, so that nobody can send keys that collide.
  public init(seed: HashSeed) {
    self.seed = seed
  }

  public var count: Int { edits.count }

  public mutating func removeAll() {
    edits.removeAll(keepingCapacity: true)
    if !table.isEmpty { table.removeAll(keepingCapacity: true) }
  }

  /// One key and its value take the place of all that was there.
  public mutating func set(key: Range<Int>, to value: Range<Int>) {
    removeAll()
    edits.append(Edit(key: key, value: value))
  }

  /// Adds a key; one that is there already takes the new value: the last one wins.
  public mutating func add(key: Range<Int>, value: Range<Int>?, in bytes: Span<UInt8>) {
    bytes.withUnsafeBytes { bytes in
      if let index = index(of: UnsafeRawBufferPointer(rebasing: bytes[key]), in: bytes) {
        edits[index].value = value
        return
      }
      edits.append(Edit(key: key, value: value))
      guard edits.count > Self.scanned else { return }
      if edits.count * 2 > table.count { rebuild(bytes) } else { enter(edits.count - 1, bytes) }
    }
  }

  mutating func markFound(_ index: Int) { edits[index].isFound = true }

  /// Before the edits are held against a record (again).
  mutating func markAllNew() {
    for index in edits.indices { edits[index].isFound = false }
  }

  /// Which edit is for this key.
  @inline(__always)
  func index(of key: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> Int? {
    if table.isEmpty {
      for index in edits.indices where matches(index, key, bytes) { return index }
      return nil
    }
    var slot = firstSlot(key)
    while table[slot] >= 0 {
      if matches(Int(table[slot]), key, bytes) { return Int(table[slot]) }
      slot = (slot + 1) & (table.count - 1)
    }
    return nil
  }

  @inline(__always)
  private func matches(_ index: Int, _ key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let range = edits[index].key
    return range.count == key.count
      && memcmp(bytes.baseAddress! + range.lowerBound, key.baseAddress!, key.count) == 0
  }

  private func firstSlot(_ key: UnsafeRawBufferPointer) -> Int {
    Int(truncatingIfNeeded: SessionHash(key, seed: seed).bits) & (table.count - 1)
  }

  private mutating func enter(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
    var slot = firstSlot(UnsafeRawBufferPointer(rebasing: bytes[edits[index].key]))
    while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
    table[slot] = Int32(index)
  }

  private mutating func rebuild(_ bytes: UnsafeRawBufferPointer) {
    let size = max(32, table.count * 2)
    table.removeAll(keepingCapacity: true)
    table.append(contentsOf: repeatElement(-1, count: size))
    for index in edits.indices { enter(index, bytes) }
  }
}

extension FieldEdits {
  /// Whether a key is among them.
  public func contains(_ key: Span<UInt8>, in bytes: Span<UInt8>) -> Bool {
    key.withUnsafeBytes { key in bytes.withUnsafeBytes { index(of: key, in: $0) != nil } }
  }
}
