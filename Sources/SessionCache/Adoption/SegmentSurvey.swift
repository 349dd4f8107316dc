import SessionSegment
import Synchronization
import SystemCalls

/// A walk over all of a segment that another daemon has left. It changes nothing.
struct SegmentSurvey {
  let proof: RecordProof
  let shards: [ShardSurvey]
  let runs: [PageTable.Run]
  /// How many things were found that no kill leaves behind.
  let flaws: Int

  /// The highest version of a record that is right.
  let highestVersion: UInt64

  /// Reads every record once, on so many threads.
  ///
  /// - Parameters:
  ///   - now: nanoseconds of CLOCK_BOOTTIME; what was made later is from another boot.
  ///   - demandingPlaces: whether a record must stand where its id's hash says.
  init(
    _ segment: SegmentFile, _ geometry: SegmentGeometry, threads: Int, at now: Int64,
    demandingPlaces: Bool = true
  ) throws(SystemCallError) {
    try segment.pages.commit(offset: 0, length: geometry.tableBytes)
    var (runs, tableFlaws) = Self.readPageTable(segment.mapping, geometry)
    var touchable = PageSet(pageCount: geometry.pageCount)
    for run in runs {
      // They have memory already, unless the table is damaged: then it may not be to be had.
      if Self.commit(run.pages, of: segment) { touchable.insert(run.pages) } else { tableFlaws += 1 }
    }
    let header = SegmentHeader(segment.mapping)
    let proof = RecordProof(
      mapping: segment.mapping, pages: touchable, seed: demandingPlaces ? header.seed : nil,
      now: now,
      shardBits: geometry.shards.trailingZeroBitCount)
    self.proof = proof
    let shards = Self.surveyShards(geometry.shards, proof, threads: threads)
    self.runs = runs
    self.shards = shards
    highestVersion = shards.reduce(0) { max($0, $1.highestVersion) }
    let isVersionLost = highestVersion > header.lastVersion
    flaws = tableFlaws + shards.reduce(0) { $0 + $1.flaws } + (isVersionLost ? 1 : 0)
  }

  private static func commit(_ pages: Range<Int>, of segment: SegmentFile) -> Bool {
    let page = SegmentLayout.pageBytes
    do throws(SystemCallError) {
      try segment.pages.commit(offset: pages.lowerBound * page, length: pages.count * page)
      return true
    } catch {
      return false
    }
  }

  private static func readPageTable(
    _ mapping: SegmentMapping, _ geometry: SegmentGeometry
  ) -> (runs: [PageTable.Run], flaws: Int) {
    let table = PageTable(mapping, shards: geometry.shards)
    var runs: [PageTable.Run] = []
    var flaws = table.isClear(0..<geometry.firstPage) ? 0 : 1
    var page = geometry.firstPage
    while page < geometry.pageCount {
      guard let run = table.run(at: page) else {
        if !table.isClear(page...page) { flaws += 1 }
        page += 1
        continue
      }
      let end = page < geometry.firstSparePage ? geometry.firstSparePage : geometry.pageCount
      guard !run.pages.isEmpty, run.pages.upperBound <= end, hasRoomForItsClass(run) else {
        flaws += 1
        page += 1
        continue
      }
      // An entry in the midst of a run would be one itself as soon as that run is taken apart.
      if !table.isClear(run.pages.dropFirst()) { flaws += 1 }
      runs.append(run)
      page = run.pages.upperBound
    }
    return (runs, flaws)
  }

  private static func hasRoomForItsClass(_ run: PageTable.Run) -> Bool {
    guard let sizeClass = run.sizeClass else { return true }
    guard sizeClass < SizeClass.count else { return false }
    return SizeClass(index: sizeClass).blockBytes <= run.pages.count * SegmentLayout.pageBytes
  }

  private static func surveyShards(_ count: Int, _ proof: RecordProof, threads: Int) -> [ShardSurvey] {
    let work = SurveyWork(count: count, proof: proof)
    var helpers: [ServiceThread] = []
    for _ in 1..<max(1, min(threads, count)) {
      do throws(SystemCallError) {
        helpers.append(try ServiceThread(name: "adoption") { work.run() })
      } catch {
        // Without another thread it takes longer and comes to the same.
        break
      }
    }
    work.run()
    for helper in helpers { helper.join() }
    return work.found.sorted { $0.shard < $1.shard }
  }
}

/// The shards that are still to be looked at, and what was found in the others.
private final class SurveyWork: @unchecked Sendable {
  // Safe to share: `next` is atomic, and `found` is guarded by the lock.
  private let next = Atomic<Int>(0)
  private let lock = MutexLock()
  private let count: Int
  private let proof: RecordProof
  private(set) var found: [ShardSurvey] = []

  init(count: Int, proof: RecordProof) {
    self.count = count
    self.proof = proof
  }

  func run() {
    while true {
      let shard = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard shard < count else { return }
      let survey = ShardSurvey(shard: shard, proof)
      lock.withLock { found.append(survey) }
    }
  }
}
