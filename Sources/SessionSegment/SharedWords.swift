import Synchronization

/// Memory that other threads and processes may read while it is written, as aligned words of 64 bits.
///
/// Every access is a relaxed atomic: a reader that meets a write may see some words from before it and some
/// from after it, but each word is one or the other, and the compiler neither repeats nor invents accesses
/// (Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012). What a reader
/// copied counts only once it has seen that nothing changed meanwhile.
public enum SharedWords {
  // Unsafe memory: the callers vouch that the words lie in a mapping and that the offsets are multiples of
  // eight. An Atomic<UInt64> has the size, the alignment and the representation of a UInt64.
  @inline(__always)
  static func word(_ place: UnsafeRawPointer) -> UnsafePointer<Atomic<UInt64>> {
    assert(UInt(bitPattern: place) & 7 == 0)
    return place.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  @inline(__always)
  static func load(_ place: UnsafeRawPointer) -> UInt64 { word(place).pointee.load(ordering: .relaxed) }

  @inline(__always)
  public static func store(_ value: UInt64, at place: UnsafeMutableRawPointer) {
    word(place).pointee.store(value, ordering: .relaxed)
  }

  /// Copies whole words out into private memory.
  @inline(__always)
  static func copy(from shared: UnsafeRawPointer, bytes: Int, to own: UnsafeMutableRawPointer) {
    var offset = 0
    // Four at a time: the loop costs as much as the loads otherwise.
    while offset &+ 32 <= bytes {
      let words = (
        load(shared + offset), load(shared + offset + 8), load(shared + offset + 16),
        load(shared + offset + 24)
      )
      own.storeBytes(of: words.0, toByteOffset: offset, as: UInt64.self)
      own.storeBytes(of: words.1, toByteOffset: offset &+ 8, as: UInt64.self)
      own.storeBytes(of: words.2, toByteOffset: offset &+ 16, as: UInt64.self)
      own.storeBytes(of: words.3, toByteOffset: offset &+ 24, as: UInt64.self)
      offset &+= 32
    }
    while offset < bytes {
      own.storeBytes(of: load(shared + offset), toByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
  }

  /// Copies whole words from one place that nobody writes now to another that readers may look at.
  public static func move(from source: UnsafeRawPointer, bytes: Int, to shared: UnsafeMutableRawPointer) {
    var offset = 0
    while offset < bytes {
      store(load(source + offset), at: shared + offset)
      offset += 8
    }
  }

  /// Zeroes whole words, the last one first: while the first ones are not zero, not all are.
  public static func zero(_ shared: UnsafeMutableRawPointer, bytes: Int) {
    var offset = bytes
    // Four at a time, as above.
    while offset >= 32 {
      offset &-= 32
      store(0, at: shared + (offset &+ 24))
      store(0, at: shared + (offset &+ 16))
      store(0, at: shared + (offset &+ 8))
      store(0, at: shared + offset)
    }
    while offset > 0 {
      offset &-= 8
      store(0, at: shared + offset)
    }
  }
}

extension SharedWords {
  /// Whether whole words are all zero.
  public static func areZero(_ place: UnsafeRawPointer, bytes: Int) -> Bool {
    var offset = 0
    while offset < bytes {
      if load(place + offset) != 0 { return false }
      offset += 8
    }
    return true
  }
}
