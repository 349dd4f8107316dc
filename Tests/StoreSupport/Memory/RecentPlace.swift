import SessionStore

/// A place in the order of last use, latest first; of two that were used at the same moment, the one that the table
/// has had for longer.
struct RecentPlace: Comparable {
  let lastUse: Int64
  let serial: UInt64

  init(lastUse: Int64, serial: UInt64) {
    self.lastUse = lastUse
    self.serial = serial
  }

  init(_ cursor: StoreCursor) {
    let parts = String(decoding: cursor.bytes, as: UTF8.self).split(separator: ":")
    self.init(lastUse: Int64(parts[0]) ?? 0, serial: UInt64(parts[1]) ?? 0)
  }

  var cursor: StoreCursor { StoreCursor(Array("\(lastUse):\(serial)".utf8)) }

  static func < (one: Self, other: Self) -> Bool {
    if one.lastUse != other.lastUse { return one.lastUse > other.lastUse }
    return one.serial < other.serial
  }
}
