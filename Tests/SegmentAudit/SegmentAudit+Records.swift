import SessionSegment

extension SegmentAudit {
  /// Checks a record that the index leads to.
  ///
  /// - Returns: when its session ends, nanoseconds of CLOCK_BOOTTIME; nil where there is no record.
  mutating func readRecord(at offset: Int, tag: Int, shard: Int) -> Int64? {
    typealias Record = AuditFormat.Record
    guard offset >= AuditFormat.pageBytes, offset <= image.size - Record.headerBytes else {
      found(.place, offset, "an index word leads outside the segment")
      return nil
    }
    let size = Int(image.half(offset + Record.size))
    let idLength = Int(image.byte(offset + Record.idLength))
    guard size >= Record.headerBytes + idLength, size <= image.size - offset, idLength > 0 else {
      found(.recordSize, offset, "\(size) bytes, \(idLength) of them the id")
      return nil
    }
    // A mark is made also where there is no memory: in a block of the size of the session that it replaces.
    let kind = Record.Kind(rawValue: image.byte(offset + Record.kind))
    guard claim(offset, bytes: size, "a record", mayBeLarger: kind == .mark || kind == .absence) else {
      return nil
    }
    report.places.records.append(offset..<offset + size)
    checkStamp(offset)
    let stored = image.half(offset + Record.checksum)
    let right = image.withBytes(offset..<offset + size) { AuditChecksum.of($0) }
    if stored != right {
      found(.checksum, offset, "\(String(stored, radix: 16)) instead of \(String(right, radix: 16))")
    }
    checkHash(offset, idLength, tag: tag, shard: shard)
    let tags = readTags(offset, size: size)
    let keys = readFields(offset, size: size)
    expectZero(
      offset + size..<runs.block(at: offset).upperBound, .padding, "the place behind a record in its block")
    return end(of: offset, idLength, tags, keys)
  }

  private mutating func checkStamp(_ offset: Int) {
    let stamp = image.word(offset + AuditFormat.Record.stamp)
    let version = stamp & (1 << UInt64(AuditFormat.Record.versionBits) - 1)
    if version == 0 {
      found(.stamp, offset, "the index leads to a record that is none")
    } else if version > report.lastVersion {
      found(.version, offset, "version \(version), the last one given is \(report.lastVersion)")
    } else if !versions.insert(version).inserted {
      found(.versionTwice, offset, "another record has version \(version), too")
    }
  }

  private mutating func checkHash(_ offset: Int, _ idLength: Int, tag: Int, shard: Int) {
    let seed = HashSeed(
      first: image.word(AuditFormat.Header.seed), second: image.word(AuditFormat.Header.seed + 8))
    let start = offset + AuditFormat.Record.headerBytes
    let bits = image.withBytes(start..<start + idLength) { SessionHash($0, seed: seed).bits }
    if Int(bits >> 20 & 0xFF_FFFF) != tag { found(.tag, offset, "the id's tag is not its slot's \(tag)") }
    let right = geometry.shardBits == 0 ? 0 : Int(bits >> UInt64(64 - geometry.shardBits))
    if right != shard { found(.tag, offset, "in shard \(shard) instead of \(right)") }
  }

  /// The tags, which fill their place exactly, and none of which stands twice.
  private mutating func readTags(_ offset: Int, size: Int) -> [[UInt8]] {
    typealias Record = AuditFormat.Record
    let start = offset + Record.headerBytes + Int(image.byte(offset + Record.idLength))
    let count = Int(image.short(offset + Record.tags))
    let end = start + Int(image.short(offset + Record.tagBytes))
    guard count <= Record.tagsMost, end <= offset + size else {
      found(.recordLayout, offset, "\(count) tags in \(end - start) bytes")
      return []
    }
    var tags: [[UInt8]] = []
    var place = start
    while tags.count < count {
      let length = place < end ? Int(image.byte(place)) : 0
      guard length > 0, length < end - place else { break }
      tags.append(image.withBytes(place + 1..<place + 1 + length) { Array($0) })
      place += 1 + length
    }
    if tags.count != count || place != end {
      found(.recordLayout, offset, "\(count) tags, \(tags.count) found")
    }
    if Set(tags).count != tags.count { found(.recordLayout, offset, "a tag stands twice") }
    return tags
  }

  /// The fields' keys. The fields fill the record exactly, and no key stands twice.
  private mutating func readFields(_ offset: Int, size: Int) -> [[UInt8]] {
    typealias Record = AuditFormat.Record
    var place =
      offset + Record.headerBytes + Int(image.byte(offset + Record.idLength))
      + Int(image.short(offset + Record.tagBytes))
    let end = offset + size
    var keys: [[UInt8]] = []
    for field in 0..<Int(image.short(offset + Record.fields)) {
      guard place + Record.fieldHeaderBytes <= end else {
        found(.recordLayout, offset, "field \(field) lies outside the record")
        return keys
      }
      let keyLength = Int(image.byte(place + 1))
      let valueLength = Int(image.half(place + 2))
      guard image.byte(place) == 0, keyLength > 0, valueLength > 0,
        valueLength <= end - place - Record.fieldHeaderBytes - keyLength
      else {
        found(.recordLayout, offset, "field \(field): key \(keyLength), value \(valueLength)")
        return keys
      }
      let key = place + Record.fieldHeaderBytes
      keys.append(image.withBytes(key..<key + keyLength) { Array($0) })
      place = key + keyLength + valueLength
    }
    if Set(keys).count != keys.count { found(.recordLayout, offset, "a key stands twice") }
    if place != end { found(.recordLayout, offset, "the fields end \(end - place) bytes before the record") }
    return keys
  }

  /// When a record is over. Puts what it is into the report.
  private mutating func end(of offset: Int, _ idLength: Int, _ tags: [[UInt8]], _ keys: [[UInt8]]) -> Int64 {
    typealias Record = AuditFormat.Record
    let start = offset + Record.headerBytes
    let id = image.withBytes(start..<start + idLength) { Array($0) }
    if !ids.insert(id).inserted { found(.idTwice, offset, "another record has the same id") }
    let created = Int64(bitPattern: image.word(offset + Record.created))
    let deadline = Int64(bitPattern: image.word(offset + Record.deadline))
    let ttl = Int64(bitPattern: image.word(offset + Record.ttl))
    if ttl <= 0 { found(.recordLayout, offset, "a time to live of \(ttl) ns") }
    switch Record.Kind(rawValue: image.byte(offset + Record.kind)) {
    case .session?:
      let version = image.word(offset) & (1 << UInt64(Record.versionBits) - 1)
      report.sessions.append(
        AuditedSession(
          id: id, version: version, created: created, deadline: deadline, ttl: ttl, tags: tags))
    case .mark? where tags.isEmpty && keys.isEmpty:
      report.marks.append(AuditedMark(id: id, newID: nil, deadline: deadline, graceEnd: nil))
    case .alias? where tags.isEmpty && keys.count == 1 && isNull(offset):
      report.marks.append(
        AuditedMark(id: id, newID: keys[0], deadline: deadline, graceEnd: created &+ ttl))
      if deadline < created &+ ttl { found(.recordLayout, offset, "an alias beyond its end") }
    case .absence? where tags.isEmpty && keys.isEmpty: break
    default:
      let kind = image.byte(offset + Record.kind)
      found(.recordLayout, offset, "kind \(kind) with \(tags.count) tags, \(keys.count) fields")
    }
    // The absolute lifetime is for sessions.
    guard geometry.lifetime > 0, image.byte(offset + Record.kind) == Record.Kind.session.rawValue else {
      return deadline
    }
    return min(deadline, created &+ geometry.lifetime)
  }

  /// Whether the value of the record's last field is `null`.
  private func isNull(_ offset: Int) -> Bool {
    let end = offset + Int(image.half(offset + AuditFormat.Record.size))
    return image.withBytes(end - 4..<end) { $0.elementsEqual("null".utf8) }
  }
}
