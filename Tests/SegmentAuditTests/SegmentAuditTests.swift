import Glibc
import SegmentAudit
import Testing

@Suite("An audit passes what is sound, and nothing else")
struct SegmentAuditTests {
  // Safe to share: it is only read.
  nonisolated(unsafe) private static let sound = Result { try SoundSegment.make() }

  @Test("a segment that the cache wrote is sound, and holds what it should")
  func sound() throws {
    let report = SegmentAudit.of(try Self.sound.get())
    #expect(report.flaws.isEmpty, "\(report.flaws)")
    #expect(report.sessions.count == 1582)
    #expect(report.taggedPairs == 168)
    #expect(report.marks.count == 84 * 3)
    #expect(report.marks.count { $0.newID != nil } == 84)
    #expect(report.shards == SoundSegment.shards)
    #expect(report.depths.allSatisfy { $0 >= 2 })
  }

  @Test("a planted flaw is found", arguments: PlantedFlaw.all)
  func planted(flaw: PlantedFlaw) throws {
    let image = try SegmentImage(copying: try Self.sound.get())
    flaw.plant(image, SegmentPlaces(image))
    let found = Set(SegmentAudit.of(image).flaws.map(\.kind))
    #expect(found.contains(flaw.kind), "\(found)")
  }

  @Test("a flaw of each kind is planted")
  func everyKind() {
    #expect(Set(PlantedFlaw.all.map(\.kind)) == Set(Flaw.Kind.allCases))
  }

  @Test("a file that is too short for a segment, or no whole pages, is none")
  func short() throws {
    let path = "/tmp/segment-audit-short-\(UInt64.random(in: 0...UInt64.max))"
    let image = try Self.sound.get()
    for count in [0, 1, 4096, 8192 + 5] {
      try image.write(to: path, count: count)
      #expect(!SegmentAudit.of(try SegmentImage(copying: path)).isSound)
    }
    unlink(path)
  }
}
