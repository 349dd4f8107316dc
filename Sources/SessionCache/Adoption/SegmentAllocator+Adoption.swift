import SessionSegment
import SystemCalls

extension SegmentAllocator {
  /// Takes the runs over and marks the blocks that are in use.
  ///
  /// - Returns: the entries whose block another entry has, too: what a removal leaves that was cut short. nil
  ///   if the blocks and the runs can't be brought together.
  func adopt(_ survey: SegmentSurvey) -> [TwiceEntered]? {
    guard common.adopt(survey.runs.filter { $0.pages.lowerBound < geometry.firstSparePage }),
      spare.adopt(survey.runs.filter { $0.pages.lowerBound >= geometry.firstSparePage })
    else { return nil }
    var twice: [TwiceEntered] = []
    for shard in survey.shards {
      guard let directory = shard.directory, take(directory.offset, bytes: directory.byteCount) else {
        return nil
      }
      for page in shard.pages {
        guard take(page.number * SegmentLayout.pageBytes, bytes: SegmentLayout.pageBytes) else { return nil }
        for entry in page.entries where !take(entry.word.offset, bytes: entry.recordBytes) {
          let others = page.entries.filter { $0.word == entry.word }
          guard others.count == 2 else { return nil }
          twice.append(TwiceEntered(shard: shard.shard, page: page.number, slots: others.map(\.slot)))
        }
      }
    }
    return twice
  }

  /// The page of an entry that was being moved back to close a gap, and its two slots.
  struct TwiceEntered {
    let shard: Int
    let page: Int
    let slots: [Int]
  }

  func finishAdoption(_ mapping: SegmentMapping) {
    common.finishAdoption(mapping)
    spare.finishAdoption(mapping)
    noteSpare()
  }

  /// Gives back what a killed daemon had taken and not used: all pages outside the runs.
  func releaseUnused(_ runs: [PageTable.Run], _ source: any PageSource) throws(SystemCallError) {
    let page = SegmentLayout.pageBytes
    var end = geometry.firstPage
    for run in runs + [
      PageTable.Run(pages: geometry.firstSparePage..<geometry.firstSparePage, sizeClass: nil)
    ]
    where run.pages.lowerBound <= geometry.firstSparePage {
      if run.pages.lowerBound > end {
        try source.release(offset: end * page, length: (run.pages.lowerBound - end) * page)
      }
      end = max(end, run.pages.upperBound)
    }
  }

  private func take(_ offset: Int, bytes: Int) -> Bool {
    let allocator = offset / SegmentLayout.pageBytes >= geometry.firstSparePage ? spare : common
    return allocator.take(offset, bytes: bytes)
  }
}
