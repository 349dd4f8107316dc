/// A walk over a record's fields: each with its key, its value, and its bytes as they stand in the record, header and
/// all, so that an unchanged field is copied without being taken apart.
///
///     var walk = record.rawFieldWalk
///     while let (key, value, field) = walk.next() { … }
public struct RawFieldWalk {
  // Unsafe memory: whoever has a view of the record makes a walk, and ends it while the view lives.
  private var place: UnsafeRawPointer
  private var left: Int

  init(place: UnsafeRawPointer, left: Int) {
    self.place = place
    self.left = left
  }

  public mutating func next() -> (
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, field: UnsafeRawBufferPointer
  )? {
    guard left > 0 else { return nil }
    let field = RawField(at: place)
    left -= 1
    place += field.bytes.count
    return (key: field.key, value: field.value, field: field.bytes)
  }
}
