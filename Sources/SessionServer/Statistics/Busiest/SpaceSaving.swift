import SessionWire

/// The ids that come most often among many, in memory that is bounded: a space-saving summary (Metwally, Agrawal, El
/// Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005). Once it is made it allocates
/// nothing.
///
/// Of `n` ids it has every one that came more than `n / slotCount` times. What it says of an id is never more than how
/// often it came, and at most `n / slotCount` less.
struct SpaceSaving {
  static let slotCount = 32

  private struct Slot {
    var byteCount = 0
    /// How often the id came at most, and how much of that may have been others that the slot was taken from.
    var count = 0
    var excess = 0
  }

  private var slots = [Slot](repeating: Slot(), count: SpaceSaving.slotCount)
  /// The ids: `Limits.nameBytes` for each slot.
  private var bytes = [UInt8](repeating: 0, count: SpaceSaving.slotCount * Limits.nameBytes)
  /// How many slots have an id, from the first one on.
  private var used = 0

  /// Counts an id, which may cost the rarest one its slot.
  ///
  /// - Parameter id: at most 255 bytes.
  mutating func add(_ id: Span<UInt8>) {
    precondition(id.count <= Limits.nameBytes)
    var rarest = 0
    for slot in 0..<used {
      if isEqual(slot, id) {
        slots[slot].count += 1
        return
      }
      if slots[slot].count < slots[rarest].count { rarest = slot }
    }
    if used < Self.slotCount {
      rarest = used
      slots[rarest] = Slot()
      used += 1
    }
    let before = slots[rarest].count
    slots[rarest] = Slot(byteCount: id.count, count: before + 1, excess: before)
    for index in id.indices { bytes[rarest * Limits.nameBytes + index] = id[index] }
  }

  mutating func removeAll() { used = 0 }

  /// The ids that have a slot, and how often each came at least.
  var entries: [(id: [UInt8], count: Int)] {
    (0..<used).map { slot in
      let start = slot * Limits.nameBytes
      return (Array(bytes[start..<start + slots[slot].byteCount]), slots[slot].count - slots[slot].excess)
    }
  }

  private func isEqual(_ slot: Int, _ id: Span<UInt8>) -> Bool {
    guard slots[slot].byteCount == id.count else { return false }
    let start = slot * Limits.nameBytes
    for index in id.indices where bytes[start + index] != id[index] { return false }
    return true
  }
}
