import SessionSegment
import Synchronization

extension IndexShard {
  /// Takes over what a survey found: ends what a kill cut short, and counts. A cut-short removal comes after it
  /// (`closeGap`).
  ///
  /// - Parameters:
  ///   - due: when a sweep has to look at a record.
  ///   - tagged: called with each record that has tags.
  func adopt(
    _ survey: ShardSurvey, due: (borrowing RecordView) -> DueTick, tagged: (borrowing RecordView) -> Void
  ) {
    guard let directory = survey.directory else {
      preconditionFailure("a shard without a directory is not adopted")
    }
    for (cell, page) in survey.staleCells { directory[cell] = page }
    // Pages and directories that are not named any more are free from now on, also those of a change that was
    // cut short just before this step.
    entry.structureChanges()
    indexBytes.store(
      max(directory.byteCount, SizeClass.smallest) + survey.pages.count * SegmentLayout.pageBytes,
      ordering: .relaxed)
    var sessions = 0
    var marks = 0
    var unsaved = 0
    var earliest = DueTick.never
    for page in survey.pages {
      let bucket = BucketPage(mapping, offset: page.number * SegmentLayout.pageBytes)
      bucket.count = page.entries.count
      var earliestOfPage = DueTick.never
      for entry in page.entries {
        let record = record(at: entry.word.offset)
        if record.isSession { sessions += 1 } else if !record.isAbsence { marks += 1 }
        if entry.word.isUnsaved { unsaved += 1 }
        if record.tagCount > 0 { tagged(record) }
        let due = due(record)
        // An earlier one is right, too, and may say until when the store believes the session to live.
        if bucket.due(entry.slot) > due { bucket.setDue(entry.slot, due) }
        earliestOfPage = min(earliestOfPage, bucket.due(entry.slot))
      }
      bucket.earliestDue = earliestOfPage
      earliest = min(earliest, earliestOfPage)
    }
    sessionCount.store(sessions, ordering: .relaxed)
    markCount.store(marks, ordering: .relaxed)
    unsavedCount.store(unsaved, ordering: .relaxed)
    earliestDue.store(earliest.rawValue, ordering: .sequentiallyConsistent)
  }

  /// Goes on with a removal that had moved an entry to an earlier slot and not yet left the later one.
  ///
  /// - Parameter tagged: called with the record if it has tags.
  func closeGap(_ number: Int, between slots: [Int], tagged: (borrowing RecordView) -> Void) {
    let page = BucketPage(mapping, offset: number * SegmentLayout.pageBytes)
    let word = page.slot(slots[0])
    let distances = slots.map { ($0 - word.tag.home + BucketPage.slots) % BucketPage.slots }
    let later = distances[0] < distances[1] ? slots[1] : slots[0]
    tagged(record(at: word.offset))
    remove(Place(page: page, slot: later, offset: word.offset))
  }
}
