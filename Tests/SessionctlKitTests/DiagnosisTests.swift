import SessionClient
import SystemCalls
import Testing

@testable import SessionctlKit

@Suite("The doctor's diagnosis")
struct DiagnosisTests {
  private static let tmpfs = FileSystemType(0x0102_1994)
  private static let soundUnit = """
    MainPID=7
    WatchdogUSec=10s
    MemoryMax=2147483648
    Restart=always
    NRestarts=0
    StartLimitIntervalUSec=0
    RuntimeDirectory=sessiond
    RuntimeDirectoryPreserve=yes
    PrivateUsers=no
    """

  private func facts(_ first: Planted, _ last: Planted) throws -> DoctorFacts {
    DoctorFacts(
      first: try first.report(), last: try last.report(), store: try last.report().statistics.store,
      socket: .known(SocketFacts(path: "/run/s.sock", mode: 0o140660, directoryMode: 0o040755)),
      segment: .known(SegmentFacts(fileSystem: Self.tmpfs, bytesTaken: 64 << 20, bytesFree: 1 << 30)),
      sessions: .known(SessionFacts(idleTimes: [600, 1800, 600], listed: 1000)),
      unit: .known(UnitFacts(name: "sessiond.service", parsing: Self.soundUnit)))
  }

  private func facts(_ last: Planted = Planted()) throws -> DoctorFacts { try facts(Planted(), last) }

  /// The one finding that there must be.
  private func finding(_ facts: DoctorFacts) throws -> Finding {
    let findings = Diagnosis(facts).findings
    try #require(findings.count == 1, "\(findings)")
    #expect(findings[0].text.hasSuffix(".") && findings[0].remedy.hasSuffix("."))
    return findings[0]
  }

  @Test("finds nothing in a daemon that is well")
  func healthy() throws {
    let diagnosis = Diagnosis(try facts())
    #expect(diagnosis.findings.isEmpty)
    #expect(diagnosis.gaps.isEmpty)
    #expect(diagnosis.lines.map { $0.text(.plain) } == ["Nothing is wrong."])
    #expect(diagnosis.json == #"{"findings":[],"gaps":[]}"#)
  }

  @Test("says what it could not look at, and why")
  func gaps() throws {
    var facts = try facts()
    facts.unit = .unknown("it is not there")
    let diagnosis = Diagnosis(facts)
    #expect(diagnosis.findings.isEmpty)
    #expect(diagnosis.gaps == [.init(what: "the service", why: "it is not there")])
    #expect(diagnosis.json.contains(#""gaps":[{"what":"the service","why":"it is not there"}]"#))
  }

  @Test("says that a daemon does not answer, and nothing else")
  func silent() {
    let diagnosis = Diagnosis(silentFor: 5)
    #expect(diagnosis.findings.map(\.check) == [.answer])
    #expect(diagnosis.findings[0].text.contains("5.0s"))
  }

  // MARK: The socket and the segment

  @Test(
    "a socket that everybody may write to",
    arguments: [(0o140666, "0666"), (0o140662, "0662")] as [(UInt32, String)])
  func openSocket(mode: UInt32, shown: String) throws {
    var facts = try facts()
    facts.socket = .known(SocketFacts(path: "/run/s.sock", mode: mode, directoryMode: 0o40755))
    let finding = try finding(facts)
    #expect(finding.check == .socketMode)
    #expect(finding.text.contains("/run/s.sock") && finding.text.contains(shown))
  }

  @Test("a directory in which everybody may put another socket, but not one like /tmp")
  func openDirectory() throws {
    var facts = try facts()
    facts.socket = .known(SocketFacts(path: "/run/s.sock", mode: 0o140660, directoryMode: 0o40777))
    #expect(try finding(facts).check == .socketDirectory)
    facts.socket = .known(SocketFacts(path: "/tmp/s.sock", mode: 0o140660, directoryMode: 0o41777))
    #expect(Diagnosis(facts).findings.isEmpty)
  }

  @Test("a segment on a disk", arguments: [(0xEF53, "ext4"), (0x1234, "0x1234")] as [(UInt32, String)])
  func disk(type: UInt32, shown: String) throws {
    var facts = try facts()
    facts.segment = .known(SegmentFacts(fileSystem: FileSystemType(type), bytesTaken: 0, bytesFree: 1 << 40))
    let finding = try finding(facts)
    #expect(finding.check == .segmentFileSystem)
    #expect(finding.text.contains(shown))
  }

  @Test("a file system that is smaller than max-memory")
  func room() throws {
    var facts = try facts()
    facts.segment = .known(SegmentFacts(fileSystem: Self.tmpfs, bytesTaken: 64 << 20, bytesFree: 100 << 20))
    let finding = try finding(facts)
    #expect(finding.check == .segmentRoom)
    #expect(finding.text.contains("164.0 MiB"))
  }

  // MARK: The cache

  @Test("writes that were refused, and a cache that is nearly full, each told of once")
  func full() throws {
    var planted = Planted()
    planted.reserved = 250 << 20
    #expect(try finding(facts(planted)).check == .memory)
    planted.full = 12
    let refused = try finding(facts(planted))
    #expect(refused.check == .full)
    #expect(refused.text.contains("12 writes"))
    // What is scattered is given back when it is wanted.
    planted.full = 0
    planted.used = 116 << 20
    #expect(Diagnosis(try facts(planted)).findings.isEmpty)
    // With a store memory may be full all the time.
    planted.used = nil
    planted.store = Planted.store()
    #expect(Diagnosis(try facts(planted)).findings.isEmpty)
  }

  @Test("sessions that were ended for room: users weigh more than visitors")
  func evictions() throws {
    var planted = Planted()
    planted.evictedUntagged = 5
    #expect(try finding(facts(planted)).severity == .hint)
    planted.evictedTagged = 2
    let finding = try finding(facts(planted))
    #expect(finding.check == .evictions)
    #expect(finding.severity == .trouble)
    #expect(finding.text.contains("7 sessions"))
  }

  @Test("what is over is no trouble any more, and what goes on is")
  func past() throws {
    var (first, last) = (Planted(), Planted())
    (first.full, first.evictedTagged, first.refused) = (3, 4, 5)
    (last.full, last.evictedTagged, last.refused) = (3, 4, 5)
    let over = Diagnosis(try facts(first, last))
    #expect(over.findings.map(\.check) == [.full, .evictions, .connectionLimit])
    #expect(!over.hasTrouble)
    (last.full, last.evictedTagged, last.refused) = (4, 5, 6)
    #expect(Diagnosis(try facts(first, last)).findings.allSatisfy { $0.severity == .trouble })
    // Nothing is lost just now, but there is no room either.
    (last.full, last.evictedTagged, last.refused) = (3, 4, 0)
    last.reserved = 250 << 20
    #expect(Diagnosis(try facts(first, last)).findings.allSatisfy { $0.severity == .trouble })
  }

  @Test("a low hit ratio because sessions end between two uses")
  func shortLives() throws {
    var planted = Planted()
    planted.mappedHits = 0
    planted.misses = 5000
    planted.expired = 4000
    let finding = try finding(facts(planted))
    #expect(finding.check == .hitRatio)
    #expect(finding.severity == .trouble)
    for part in ["50.0 %", "4,000 sessions", "idle time is 10m", "every 20.0s on average"] {
      #expect(finding.text.contains(part), "\(finding.text)")
    }
    #expect(finding.remedy.contains("ttl"))
    // Of another time.
    var better = planted
    better.hits += 1000
    #expect(Diagnosis(try facts(planted, better)).findings.map(\.severity) == [.hint])
  }

  @Test("a low hit ratio although hardly any session ended by its time")
  func wrongQuestions() throws {
    var planted = Planted()
    planted.mappedHits = 0
    planted.misses = 5000
    #expect(try finding(facts(planted)).severity == .hint)
    // Too few reads to judge.
    planted.hits = 5
    planted.misses = 5
    #expect(Diagnosis(try facts(planted)).findings.isEmpty)
  }

  @Test("a reclaimer that writers overtake, or that leaves sessions behind which are over")
  func reclaimer() throws {
    var planted = Planted()
    planted.evictedExpired = 3
    #expect(try finding(facts(planted)).check == .reclaimer)
    #expect(Diagnosis(try facts(planted, planted)).findings.isEmpty)

    var facts = try facts()
    facts.sessions = .known(SessionFacts(idleTimes: [], listed: 600))
    let finding = try finding(facts)
    #expect(finding.text.contains("400 are over") || finding.text.contains("of which 400"))
    // Some come and go while they are counted, and of too many there is no count.
    facts.sessions = .known(SessionFacts(idleTimes: [], listed: 985))
    #expect(Diagnosis(facts).findings.isEmpty)
    facts.sessions = .known(SessionFacts(idleTimes: [], listed: nil))
    #expect(Diagnosis(facts).findings.isEmpty)
  }

  // MARK: Clients and the store

  @Test("clients that do not map although they read much")
  func mapping() throws {
    var planted = Planted()
    planted.hits = 20_000
    planted.mappedHits = 10
    let finding = try finding(facts(planted))
    #expect(finding.check == .mapping)
    #expect(finding.severity == .hint)
    planted.mappedHits = 20_000
    #expect(Diagnosis(try facts(planted)).findings.isEmpty)
  }

  @Test("clients that were turned away or dropped")
  func clients() throws {
    var planted = Planted()
    planted.refused = 1
    #expect(try finding(facts(planted)).check == .connectionLimit)
    planted.refused = 0
    planted.dropped = 1
    #expect(try finding(facts(planted)).check == .slowClients)
  }

  @Test(
    "a store that is away, takes no changes, is behind, or damaged",
    arguments: [
      (Planted.store(state: "away", reason: "disk full"), Check.storeAway),
      (Planted.store(state: "refusing", reason: "OOM", kind: "redis"), .storeRefusing),
      (Planted.store(unsaved: 60_000), .storeQueue), (Planted.store(damaged: 1), .storeDamage),
    ] as [(String, Check)])
  func store(store: String, check: Check) throws {
    var (first, last) = (Planted(), Planted())
    first.store = Planted.store()
    last.store = store
    #expect(try finding(facts(first, last)).check == check)
  }

  @Test("a store whose queue grows is told of earlier than one whose queue is only long")
  func growingQueue() throws {
    var (first, last) = (Planted(), Planted())
    first.store = Planted.store(unsaved: 20_000)
    last.store = Planted.store(unsaved: 20_000)
    #expect(Diagnosis(try facts(first, last)).findings.isEmpty)
    last.store = Planted.store(unsaved: 21_000)
    #expect(try finding(facts(first, last)).text.contains("more and more"))
    first.store = Planted.store(unsaved: 100)
    last.store = Planted.store(unsaved: 200)
    #expect(Diagnosis(try facts(first, last)).findings.isEmpty)
  }

  // MARK: The unit

  @Test(
    "a unit with a line that does harm",
    arguments: [
      ("WatchdogUSec=0", Check.watchdog), ("WatchdogUSec=infinity", .watchdog),
      ("MemoryMax=268435456", .memoryMax), ("Restart=no", .restart), ("NRestarts=2", .restarts),
      ("StartLimitIntervalUSec=10s", .startLimit), ("RuntimeDirectoryPreserve=no", .runtimeDirectory),
      ("PrivateUsers=yes", .privateUsers),
    ] as [(String, Check)])
  func unit(line: String, check: Check) throws {
    var facts = try facts()
    // Of a property that comes twice the last counts.
    facts.unit = .known(UnitFacts(name: "sessiond.service", parsing: "\(Self.soundUnit)\n\(line)"))
    let finding = try finding(facts)
    #expect(finding.check == check)
    #expect(finding.text.contains("sessiond.service"))
  }

  @Test("a unit of which systemd says little is no finding")
  func silentUnit() throws {
    var facts = try facts()
    facts.unit = .known(UnitFacts(name: "a.service", parsing: "MainPID=7\nMemoryMax=infinity\nWatchdogUSec="))
    #expect(Diagnosis(facts).findings.isEmpty)
    #expect(UnitFacts(name: "a", parsing: "MainPID=0").mainProcess == nil)
    #expect(UnitFacts(name: "a", parsing: "nonsense").mainProcess == nil)
  }

  @Test("tells of troubles first, in a form for people and one for programs")
  func forms() throws {
    var planted = Planted()
    planted.dropped = 1
    planted.full = 1
    let diagnosis = Diagnosis(try facts(planted))
    #expect(diagnosis.findings.map(\.check) == [.full, .slowClients])
    let lines = diagnosis.lines.map { $0.text(.plain) }
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("trouble: ") && lines[1].hasPrefix("  remedy: "))
    #expect(lines[2].hasPrefix("hint: ") && lines[4] == "2 findings")
    let object = try SessionValue(json: diagnosis.json)
    #expect(object["findings"]?[0]?["check"] == "full")
    #expect(object["findings"]?[1]?["severity"] == "hint")
  }
}
