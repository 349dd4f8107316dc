import Synchronization

extension SegmentReader {
  /// The hash of the id in what may be a record in a block, read without a lock, so that its shard can be found and
  /// locked and the guess be checked; nil where no record can be.
  public func guessedHash(at offset: Int, blockBytes: Int, seed: HashSeed) -> SessionHash? {
    guard offset >= 0, blockBytes >= RecordLayout.headerBytes, offset <= size - blockBytes else { return nil }
    let block = base + offset
    // Acquiring: what the record held when it got its stamp is seen.
    let stamp = RecordStamp(rawValue: SharedWords.word(block).pointee.load(ordering: .acquiring))
    let idLength = Int(SharedWords.load(block + RecordLayout.idLength) & 0xFF)
    guard stamp.isLive, idLength > 0, RecordLayout.headerBytes + idLength <= blockBytes else { return nil }
    // Unsafe memory: a block is a multiple of sixteen bytes long, so that the whole words lie in it.
    return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { id in
      SharedWords.copy(
        from: block + RecordLayout.headerBytes, bytes: RecordLayout.wholeWords(idLength), to: id.baseAddress!)
      return SessionHash(UnsafeRawBufferPointer(rebasing: id[..<idLength]), seed: seed)
    }
  }
}
