import SessionSegment

extension SegmentAudit {
  /// A bucket page, and which part of its shard's hashes it is for.
  struct Bucket {
    let shard: Int
    let offset: Int
    let depth: Int
    /// The first `depth` directory bits of every tag in it.
    let prefix: Int
  }

  mutating func readShard(_ shard: Int) {
    let place = AuditFormat.shardTable + shard * AuditFormat.shardBytes
    let word = image.word(place)
    let depth = Int(word & 0xFF)
    let directory = Int(clamping: (word >> 8).multipliedReportingOverflow(by: 16).partialValue)
    report.depths.append(depth)
    expectZero(place + 16..<place + AuditFormat.shardBytes, .reserved, "reserved space of shard \(shard)")
    guard depth <= AuditFormat.directoryBits else {
      return found(.shardEntry, place, "shard \(shard) has a directory of depth \(depth)")
    }
    let bytes = max(64, 4 << depth)
    guard directory <= image.size - bytes, claim(directory, bytes: bytes, "the directory of shard \(shard)")
    else { return found(.shardEntry, place, "the directory of shard \(shard) is at \(directory)") }
    let block = runs.block(at: directory)
    report.indexBytes += block.count
    report.places.directories.append(directory..<directory + (4 << depth))
    expectZero(directory + (4 << depth)..<block.upperBound, .stray, "the place behind a directory")
    readDirectory(of: shard, at: directory, depth: depth)
  }

  /// Every page stands in the directory in exactly the cells of its span.
  private mutating func readDirectory(of shard: Int, at directory: Int, depth: Int) {
    var cell = 0
    while cell < 1 << depth {
      let place = directory + 4 * cell
      let page = Int(image.half(place)) * AuditFormat.pageBytes
      guard page <= image.size - AuditFormat.pageBytes,
        claim(page, bytes: AuditFormat.pageBytes, "a bucket page of shard \(shard)")
      else {
        found(.directory, place, "cell \(cell) of shard \(shard) names page \(image.half(place))")
        cell += 1
        continue
      }
      report.indexBytes += AuditFormat.pageBytes
      report.places.buckets.append(page..<page + AuditFormat.pageBytes)
      let pageDepth = Int(image.half(page + AuditFormat.Bucket.counts + 4))
      guard pageDepth <= depth else {
        found(.bucketPage, page, "depth \(pageDepth) under a directory of depth \(depth)")
        cell += 1
        continue
      }
      let span = 1 << (depth - pageDepth)
      let cells = cell..<cell + span
      guard cell % span == 0, cells.allSatisfy({ image.half(directory + 4 * $0) == image.half(place) }) else {
        found(.bucketSpan, place, "a page of depth \(pageDepth) is not in all of its \(span) cells")
        cell += 1
        continue
      }
      readBucket(Bucket(shard: shard, offset: page, depth: pageDepth, prefix: cell / span))
      cell += span
    }
  }

  private mutating func readBucket(_ bucket: Bucket) {
    typealias Format = AuditFormat.Bucket
    let reserved = bucket.offset + Format.reserved.lowerBound..<bucket.offset + Format.reserved.upperBound
    expectZero(reserved, .reserved, "reserved space of a bucket page")
    let words = (0..<Format.slots).map { image.word(bucket.offset + Format.words + 8 * $0) }
    let dueTicks = (0..<Format.slots).map { image.half(bucket.offset + Format.dueTicks + 4 * $0) }
    let earliest = image.half(bucket.offset + Format.earliestDue)
    let count = words.count { $0 != 0 }
    if image.half(bucket.offset + Format.counts) != count || count > Format.entriesMost {
      found(
        .entryCount, bucket.offset, "\(count) entries, said \(image.half(bucket.offset + Format.counts))")
    }
    for slot in words.indices where words[slot] != 0 {
      let place = bucket.offset + Format.words + 8 * slot
      let tag = Int(words[slot] >> 40)
      if tag >> (AuditFormat.tagBits - bucket.depth) != bucket.prefix {
        found(.tag, place, "tag \(tag) in the page of prefix \(bucket.prefix), depth \(bucket.depth)")
      }
      if !isReachable(slot, from: ((tag & 0x1FF) * Format.slots) >> 9, in: words) {
        found(.slotOrder, place, "an empty slot lies between entry \(slot) and its home")
      }
      let record = Int(words[slot] & 0x7F_FFFF_FFFF) * 16
      guard let end = readRecord(at: record, tag: tag, shard: bucket.shard) else { continue }
      if Int64(dueTicks[slot]) > Self.dueTick(at: end) {
        found(.dueTick, place, "due tick \(dueTicks[slot]) of a record that ends at \(end)")
      }
      if dueTicks[slot] < earliest {
        found(.earliestDue, bucket.offset, "earliest \(earliest), but slot \(slot) has \(dueTicks[slot])")
      }
    }
  }

  /// Linear probing comes from the home slot to this one before it meets an empty one.
  private func isReachable(_ slot: Int, from home: Int, in words: [UInt64]) -> Bool {
    var probed = home
    while probed != slot {
      if words[probed] == 0 { return false }
      probed = (probed + 1) % words.count
    }
    return true
  }

  /// The quarter of a second, rounded up, at which a moment has passed; the last one stands for never.
  private static func dueTick(at moment: Int64) -> Int64 {
    let (whole, rest) = max(moment, 0).quotientAndRemainder(dividingBy: AuditFormat.dueTickNanoseconds)
    return min(whole + (rest > 0 ? 1 : 0), Int64(UInt32.max))
  }
}
