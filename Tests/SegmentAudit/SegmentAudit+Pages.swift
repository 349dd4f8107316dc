extension SegmentAudit {
  /// Finds the runs.
  mutating func readPageTable() {
    runs = BlockRuns(pageCount: geometry.pageCount)
    let page = AuditFormat.pageBytes
    var reserved = geometry.firstPage + geometry.pageCount - geometry.sparePage
    for number in 0..<geometry.pageCount {
      let place = geometry.pageTable + 4 * number
      let entry = image.half(place)
      if entry == 0 { continue }
      let sizeClass = Int(entry >> 24 & 0x7F)
      let pages = number..<number + Int(entry & 0xFF_FFFF)
      guard entry >> 31 == 1, !pages.isEmpty, number >= geometry.firstPage,
        pages.upperBound <= geometry.pageCount
      else {
        found(.runEntry, place, "entry \(String(entry, radix: 16)) of page \(number)")
        continue
      }
      guard !pages.contains(geometry.sparePage) || pages.lowerBound == geometry.sparePage else {
        found(.runEntry, place, "a run reaches into the spare")
        continue
      }
      guard sizeClass == AuditFormat.largeBlock || sizeClass < AuditFormat.blockSizes.count else {
        found(.runEntry, place, "class \(sizeClass)")
        continue
      }
      let run = BlockRun(pages: pages, sizeClass: sizeClass == AuditFormat.largeBlock ? nil : sizeClass)
      guard run.blockBytes <= pages.count * page else {
        found(.runEntry, place, "\(pages.count) pages for blocks of \(run.blockBytes) bytes")
        continue
      }
      guard runs.add(run) else {
        found(.runOverlap, place, "pages \(pages) are in another run, too")
        continue
      }
      report.runs += 1
      if number < geometry.sparePage { reserved += pages.count }
    }
    report.reservedBytes = reserved * page
  }

  /// Whatever nothing was found in is zero, since it is free.
  mutating func checkBlocks() {
    for run in runs.runs {
      for block in run.isUsed.indices where !run.isUsed[block] {
        expectZero(run.place(ofBlock: block), .leak, "a block that nothing leads to")
      }
      let blocksEnd = run.start + run.isUsed.count * run.blockBytes
      expectZero(blocksEnd..<run.end, .stray, "the place behind a run's last block")
    }
  }

  mutating func checkPagesOutsideRuns() {
    for page in geometry.firstPage..<geometry.pageCount where !runs.isInRun(page) {
      let start = page * AuditFormat.pageBytes
      expectZero(start..<start + AuditFormat.pageBytes, .stray, "page \(page), which is in no run,")
    }
  }
}
