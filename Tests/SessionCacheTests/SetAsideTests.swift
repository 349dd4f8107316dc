import Glibc
import SessionSegment
import Synchronization
import SystemCalls
import Testing

@testable import SessionCache

@Suite("A segment that can't be trusted")
struct SetAsideTests {
  @Test("of another format is set aside under a name with the time, and versions go on beyond it")
  func otherFormat() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    let version = try first.set("s", [("k", "1")])
    try directory.overwrite([99], at: 8)
    let (again, origin) = try directory.open()
    let aside = "segment.set-aside-20261122T154732Z"
    guard case .setAside("\(directory.path)/\(aside)", _, 0) = origin else {
      Issue.record("\(origin)")
      return
    }
    #expect(directory.names == ["segment", aside])
    #expect(again.cache.sessionCount == 0)
    #expect(try again.set("s", [("k", "1")]) > version)
  }

  @Test("with a record that is not what was written is set aside, and all other sessions are kept")
  func damagedRecord() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    for index in 0..<100 { try first.set("s\(index)", [("k", "\"value \(index)\"")]) }
    let shard = try #require(first.cache.shards.first { $0.sessionCount.load(ordering: .relaxed) > 0 })
    let page = shard.page(at: .start)
    let slot = try #require((0..<BucketPage.slots).first { !page.slot($0).isEmpty })
    let id = String(decoding: shard.record(at: page.slot(slot).offset).rawID, as: UTF8.self)
    try directory.overwrite(
      [UInt8(ascii: "X")], at: page.slot(slot).offset + RecordLayout.headerBytes + id.utf8.count + 9)
    let (again, origin) = try directory.open()
    guard case .setAside(_, _, 99) = origin else {
      Issue.record("\(origin)")
      return
    }
    #expect(again.get(id) == nil)
    #expect(again.cache.sessionCount == 99)
    #expect(try again.set(id, []) > 1 << 32)
  }

  @Test(
    "whose header is damaged, but for its shards, is set aside, and its sessions are kept",
    arguments: [0, 16, 40, 56, 128, 4088])
  func damagedHeader(offset: Int) throws {
    let directory = try SegmentDirectory()
    let values = try directory.open().cache.fill(500, seed: 11)
    // A last version that is too low is one that some session proves wrong.
    let byte: UInt8 = offset == 128 ? 0 : 0xEE
    try directory.overwrite([byte, byte], at: offset)
    let (again, origin) = try directory.open()
    guard case .setAside(_, _, values.count) = origin else {
      Issue.record("\(origin)")
      return
    }
    again.expectToHold(values)
  }

  @Test("that has grown is set aside, and all its sessions are kept")
  func grown() throws {
    let directory = try SegmentDirectory()
    let values = try directory.open().cache.fill(500, seed: 17)
    #expect(truncate(directory.segment, 1 << 36) == 0)
    let (again, origin) = try directory.open()
    guard case .setAside(_, _, values.count) = origin else {
      Issue.record("\(origin)")
      return
    }
    again.expectToHold(values)
    for name in directory.names {
      var status = stat()
      #expect(stat("\(directory.path)/\(name)", &status) == 0)
      #expect(status.st_blocks * 512 < 16 << 20)
    }
  }

  @Test("that is damaged and has more sessions than there is room for keeps as many as fit")
  func damagedAndTooLarge() throws {
    let directory = try SegmentDirectory()
    let values = try directory.open().cache.fill(15_000, seed: 19)
    try directory.overwrite([0], at: 4088)
    let (again, origin) = try directory.open(size: 4 << 20)
    guard case .setAside(_, _, let kept) = origin else {
      Issue.record("\(origin)")
      return
    }
    #expect(kept > 1_000)
    #expect(kept < values.count)
    #expect(kept == again.cache.sessionCount)
    for id in again.list(limit: 1_000) { #expect(again.get(id, "k") == values[id]) }
  }

  @Test(
    "that was cut off is set aside, and what lies in the rest of it is kept",
    arguments: [1, 100, 5_000, 600_000])
  func cutOff(bytes: Int) throws {
    let directory = try SegmentDirectory()
    let values = try directory.open().cache.fill(3_000, seed: 13)
    #expect(truncate(directory.segment, off_t(bytes)) == 0)
    let (again, origin) = try directory.open()
    guard case .setAside(_, _, let kept) = origin else {
      Issue.record("\(origin)")
      return
    }
    #expect(kept == again.cache.sessionCount)
    #expect(kept < values.count)
    #expect(kept > 0 || bytes < 600_000)
    for id in again.list(limit: 1_000) { #expect(again.get(id, "k") == values[id]) }
  }

  @Test("from before the machine's last start is set aside, since its times mean nothing now")
  func otherBoot() throws {
    let directory = try SegmentDirectory()
    let boots = [BootIdentity(first: 1, second: 2), BootIdentity(first: 3, second: 4)]
    try directory.open(boot: boots[0]).cache.set("s", [])
    #expect(try directory.open(boot: boots[0]).origin == .adopted(sessions: 1))
    #expect(try directory.open(boot: nil).origin == .adopted(sessions: 1))
    try directory.open(boot: boots[0]).cache.set("t", [])
    guard case .setAside(_, _, 0) = try directory.open(boot: boots[1]).origin else {
      Issue.record("it was not set aside")
      return
    }
  }
}
