import SessionSegment

/// Memory of its own for a record that is worked out and not published: it frees itself.
struct ScratchRecord: ~Copyable {
  // Unsafe memory: nobody else has the address, and it is not used behind the value's end.
  let base: UnsafeMutableRawPointer

  init(bytes: Int) {
    base = .allocate(byteCount: RecordLayout.wholeWords(bytes), alignment: 8)
  }

  deinit { base.deallocate() }
}
