// A process that changes sessions without a pause is killed, and its segment taken over, some hundreds of times
// with more chances to meet a change half-made than there are with a daemon behind a socket. Compares every
// session with what was acknowledged, and audits the segment.
//
//     CacheCrash [ROUNDS [SEED]]

import CLinux
import Glibc
import SegmentAudit
import SessionCache
import SessionSegment
import SystemCalls
import TestSupport

@main
enum CacheCrash {
  private static let writerCount = 3

  static func main() throws {
    let arguments = CommandLine.arguments
    let rounds = arguments.count > 1 ? Int(arguments[1]) ?? 200 : 200
    let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : UInt64.random(in: 1...UInt64.max)
    print("\(rounds) rounds, seed \(seed)")
    let directory = try CrashDirectory()
    defer { directory.remove() }
    var crash = Crash(directory: directory, seed: seed)
    for round in 0..<rounds {
      if let complaint = try crash.round() {
        print("round \(round): \(complaint)")
        exit(1)
      }
    }
    print("every acknowledged change was there; \(crash.summary)")
  }

  struct Crash {
    let directory: CrashDirectory
    let journal = Journal(writers: writerCount)
    var writers = (0..<writerCount).map { CacheWriter(number: $0, sessions: 300) }
    var random: SplitMix64
    var lastVersion: UInt64 = 0
    var changes = 0
    var adoptionsCut = 0
    var marksMost = 0

    init(directory: CrashDirectory, seed: UInt64) {
      self.directory = directory
      random = SplitMix64(seed: seed)
    }

    var summary: String {
      "\(changes) changes, at most \(marksMost) marks; \(adoptionsCut) processes were killed before they made one"
    }

    /// Lets a process work and kills it, takes its segment over, and looks at everything.
    ///
    /// - Returns: what is wrong; nil if nothing is.
    mutating func round() throws -> String? {
      let seed = random.next()
      journal.clear()
      let begin = BootClock.system.now()
      // Short times are as likely as long ones.
      let microseconds = UInt32.random(
        in: 0...(1 << UInt32.random(in: 5...15, using: &random)), using: &random)
      try killVictim(
        seed: seed, after: microseconds, amidAdoption: Int.random(in: 0..<4, using: &random) == 0)
      let made = (0..<writerCount).reduce(0) { $0 + journal.count(writer: $1) }
      changes += made
      if made == 0 { adoptionsCut += 1 }
      let moment = begin...BootClock.system.now()

      let (cache, origin) = try directory.opener().open()
      switch origin {
      case .fresh: if lastVersion > 0 { return "the segment is gone" }
      case .adopted: break
      default: return "\(origin)"
      }
      let statistics = cache.statistics
      let report = SegmentAudit.of(try SegmentImage(copying: directory.segment))
      guard report.isSound else { return report.flaws.map(\.description).joined(separator: "\n") }
      guard
        (report.usedBytes, report.indexBytes, report.sessions.count)
          == (statistics.memoryUsed, statistics.memoryIndex, statistics.sessions)
      else { return "\(report.usedBytes), \(report.indexBytes), \(report.sessions.count): \(statistics)" }
      guard report.lastVersion >= lastVersion else {
        return "version \(report.lastVersion) after \(lastVersion)"
      }
      lastVersion = report.lastVersion
      if let complaint = compareTags(report, cache) ?? doubled(report) { return complaint }
      marksMost = max(marksMost, report.marks.count)
      let marks = Dictionary(uniqueKeysWithValues: report.marks.map { ($0.id, $0) })
      for index in writers.indices {
        let complaint = writers[index].replay(journal, seed: seed, at: moment, against: cache, marks)
        if let complaint { return complaint }
      }
      return nil
    }

    /// The index of tags holds what the sessions say, and nothing else.
    private func compareTags(_ report: AuditReport, _ cache: SessionCache) -> String? {
      let pairs = cache.statistics.taggedPairs
      guard pairs == report.taggedPairs else {
        return "\(pairs) tags in the index, \(report.taggedPairs) found"
      }
      let now = BootClock.system.now()
      for tag in CacheChange.tags.map({ Array($0.utf8) }) {
        var listed: [[UInt8]] = []
        var page: [[UInt8]]
        repeat {
          page =
            listed.last.map { cache.tagged(tag.span, after: $0.span, limit: 100, at: now) }
            ?? cache.tagged(tag.span, after: nil, limit: 100, at: now)
          listed += page
        } while page.count == 100
        // Without those whose time was over when the list was made.
        let tagged = Set(report.sessions.filter { $0.tags.contains(tag) && $0.deadline > now }.map(\.id))
        guard Set(listed) == tagged, listed.count == tagged.count else {
          return "\(listed.count) sessions listed with a tag, \(tagged.count) have it"
        }
      }
      return nil
    }

    /// No session is under two of its ids.
    private func doubled(_ report: AuditReport) -> String? {
      var names: Set<Substring> = []
      for session in report.sessions {
        let id = String(decoding: session.id, as: UTF8.self)
        let name = id.prefix { $0 != "." }
        guard names.insert(name).inserted else { return "\(id) is there under another id, too" }
      }
      return nil
    }

    private func killVictim(seed: UInt64, after microseconds: UInt32, amidAdoption: Bool) throws {
      let victim = fork()
      guard victim >= 0 else { throw SystemCallError("fork", errno) }
      if victim == 0 {
        do {
          try work(seed: seed)
          _exit(0)
        } catch {
          print("the victim: \(error)")
          _exit(1)
        }
      }
      // Until it has taken the segment over, unless that is what is to be cut short.
      for _ in 0..<100_000 where !amidAdoption && journal.isEmpty { usleep(50) }
      usleep(microseconds)
      kill(victim, SIGKILL)
      var status: Int32 = 0
      while waitpid(victim, &status, 0) < 0, errno == EINTR {}
      // Killed, or done before it could be.
      guard status == SIGKILL || status == 0 else { fatalError("the victim ended with \(status)") }
    }

    /// What the process does that is killed: every writer changes its own sessions, and one thread sweeps and
    /// moves records together.
    private func work(seed: UInt64) throws {
      let (cache, _) = try directory.opener().open()
      let threads = try writers.map { [journal] writer in
        try ServiceThread(name: "writer-\(writer.number)") {
          var writer = writer
          writer.work(cache, journal, seed: seed)
        }
      }
      while true {
        _ = cache.sweep(at: BootClock.system.now()) { true }
        cache.compact { true }
        // Lets the writers at the locks.
        usleep(UInt32(50 * threads.count))
      }
    }
  }
}
