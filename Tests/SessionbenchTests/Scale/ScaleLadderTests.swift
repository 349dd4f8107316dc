import Testing

@testable import sessionbench

@Suite("The scale of sessions")
struct ScaleLadderTests {
  private func sessions(_ most: Int, room: Int) -> [Int] {
    ScaleLadder(most: most, roomMebibytes: room).rungs.map(\.sessions)
  }

  @Test("goes up to the most that is wanted, which is a step of its own")
  func most() {
    let room = 1 << 30
    #expect(sessions(5_000_000, room: room) == [1_000, 10_000, 100_000, 1_000_000, 5_000_000])
    #expect(sessions(1_000_000, room: room) == [1_000, 10_000, 100_000, 1_000_000])
    #expect(sessions(2_500_000, room: room) == [1_000, 10_000, 100_000, 1_000_000, 2_500_000])
    #expect(sessions(20_000_000, room: room).last == 20_000_000)
    #expect(sessions(1_000, room: room) == [1_000])
    #expect(sessions(7, room: room) == [7])
    #expect(sessions(0, room: room).isEmpty)
  }

  @Test("leaves out the largest steps for which there is no room, whatever the room")
  func room() {
    let all = ScaleLadder(most: 5_000_000, roomMebibytes: .max).rungs
    for room in stride(from: -100, through: 4000, by: 7) {
      let rungs = ScaleLadder(most: 5_000_000, roomMebibytes: room).rungs
      let taken = rungs.reduce(0) { $0 + $1.mebibytes }
      #expect(rungs == Array(all.prefix(rungs.count)))
      #expect(rungs.isEmpty || taken <= room)
      if rungs.count < all.count { #expect(taken + all[rungs.count].mebibytes > room) }
    }
  }

  @Test("gives each session the room that it takes, and some to each daemon")
  func memory() {
    for sessions in [1, 1_000, 123_457, 5_000_000, OptionRange.sessions.upperBound] {
      let bytes = ScaleLadder.rung(sessions).mebibytes << 20
      let daemon = ScaleLadder.daemonRoomMebibytes << 20
      #expect(bytes >= sessions * ScaleLadder.sessionRoomBytes + daemon)
      #expect(bytes < sessions * ScaleLadder.sessionRoomBytes + daemon + (1 << 20))
    }
  }
}
