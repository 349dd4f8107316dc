import SessionSegment

extension SegmentSurvey {
  /// Takes back the first half of a rename that a kill has cut short between its two stores: the old id gets its
  /// session again. In all other cases a rename is done or was not begun.
  ///
  /// - Returns: whether something was changed, and the survey has to be made anew.
  func takeBackRename(_ header: SegmentHeader) -> Bool {
    guard let intent = header.renaming else { return false }
    defer { header.renaming = nil }
    guard place(of: intent.new) == nil, let place = place(of: intent.ending) else { return false }
    let word = place.word.moved(to: intent.old)
    guard proof.recordBytes(word, shard: place.shard) != nil,
      RecordView(at: proof.mapping.base + intent.old)
        .hasID(RecordView(at: proof.mapping.base + intent.ending).rawID)
    else { return false }
    BucketPage(proof.mapping, offset: place.page * SegmentLayout.pageBytes).setSlot(place.slot, word)
    return true
  }

  /// Which entry of the index names a record. Looks at all of them.
  private func place(of offset: Int) -> (shard: Int, page: Int, slot: Int, word: SlotWord)? {
    for shard in shards {
      for page in shard.pages {
        for entry in page.entries where entry.word.offset == offset {
          return (shard.shard, page.number, entry.slot, entry.word)
        }
      }
    }
    return nil
  }
}
