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
    guard claim(offset, bytes: size, "a record") else { return nil }
    report.places.records.append(offset..<offset + size)
    checkStamp(offset)
    let stored = image.half(offset + Record.checksum)
    let right = image.withBytes(offset..<offset + size) { AuditChecksum.of($0) }
    if stored != right {
      found(.checksum, offset, "\(String(stored, radix: 16)) instead of \(String(right, radix: 16))")
    }
    checkHash(offset, idLength, tag: tag, shard: shard)
    checkFields(offset, size: size)
    expectZero(
      offset + size..<runs.block(at: offset).upperBound, .padding, "the place behind a record in its block")
    return end(of: offset, idLength)
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

  /// The fields fill the record exactly, and no key stands twice.
  private mutating func checkFields(_ offset: Int, size: Int) {
    typealias Record = AuditFormat.Record
    let tagBytes = image.short(offset + Record.tagBytes)
    guard image.byte(offset + Record.reserved) == 0, image.short(offset + Record.tags) == 0, tagBytes == 0
    else { return found(.recordLayout, offset, "tags, of which this version has none") }
    var place = offset + Record.headerBytes + Int(image.byte(offset + Record.idLength))
    let end = offset + size
    var keys: Set<[UInt8]> = []
    for field in 0..<Int(image.short(offset + Record.fields)) {
      guard place + Record.fieldHeaderBytes <= end else {
        return found(.recordLayout, offset, "field \(field) lies outside the record")
      }
      let keyLength = Int(image.byte(place + 1))
      let valueLength = Int(image.half(place + 2))
      guard image.byte(place) == 0, keyLength > 0, valueLength > 0,
        valueLength <= end - place - Record.fieldHeaderBytes - keyLength
      else { return found(.recordLayout, offset, "field \(field): key \(keyLength), value \(valueLength)") }
      let key = place + Record.fieldHeaderBytes
      guard keys.insert(image.withBytes(key..<key + keyLength) { Array($0) }).inserted else {
        return found(.recordLayout, offset, "field \(field): its key stands twice")
      }
      place = key + keyLength + valueLength
    }
    if place != end { found(.recordLayout, offset, "the fields end \(end - place) bytes before the record") }
  }

  /// When a session ends, and the session for the report.
  private mutating func end(of offset: Int, _ idLength: Int) -> Int64 {
    typealias Record = AuditFormat.Record
    let start = offset + Record.headerBytes
    let session = AuditedSession(
      id: image.withBytes(start..<start + idLength) { Array($0) },
      version: image.word(offset) & (1 << UInt64(Record.versionBits) - 1),
      created: Int64(bitPattern: image.word(offset + Record.created)),
      deadline: Int64(bitPattern: image.word(offset + Record.deadline)),
      ttl: Int64(bitPattern: image.word(offset + Record.ttl)))
    if !ids.insert(session.id).inserted { found(.idTwice, offset, "another record has the same id") }
    if session.ttl <= 0 { found(.recordLayout, offset, "a time to live of \(session.ttl) ns") }
    report.sessions.append(session)
    guard geometry.lifetime > 0 else { return session.deadline }
    return min(session.deadline, session.created &+ geometry.lifetime)
  }
}
