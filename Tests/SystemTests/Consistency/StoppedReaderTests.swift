import Glibc
import Testing

/// A reader of the mapping that is stopped in the middle of a read, as a debugger, a full machine or a
/// closed lid may stop one for as long as they like.
@Suite("A reader that stops in the middle of a read")
struct StoppedReaderTests {
  private static let updates = Programs.runsLongTests ? 1_000_000 : 50_000

  @Test("reads anew when it goes on, whatever the number of changes", arguments: FrozenReader.Place.allCases)
  func updates(place: FrozenReader.Place) throws {
    try withDaemon { daemon in
      let writer = try ValueWriter(daemon)
      try writer.write(1)
      let reader = try FrozenReader(daemon, place, rounds: 4)
      // One change, two, which take the record back to its first block, and very many.
      for count in [1, 2, Self.updates, 0] {
        try reader.waitUntilStopped()
        try writer.write(count)
        #expect(try reader.readOn() == writer.counter)
      }
      try reader.finish()
    }
  }

  @Test(
    "finds nothing when the session has ended and others use its memory",
    arguments: FrozenReader.Place.allCases)
  func reuse(place: FrozenReader.Place) throws {
    try withDaemon { daemon in
      let writer = try ValueWriter(daemon)
      try writer.write(1)
      var reader = try FrozenReader(daemon, place, rounds: 1)
      try reader.waitUntilStopped()
      #expect(try writer.ask("DEL \(ValueWriter.session)") == "OK 1")
      // So many that the index grows as well.
      try writer.makeOthers(30_000)
      #expect(try reader.readOn() == 0)
      try writer.write(1)
      reader = try FrozenReader(daemon, place, rounds: 1, name: "frozen-again")
      try reader.waitUntilStopped()
      #expect(try writer.ask("EXPIRE \(ValueWriter.session) 0.001") == "OK true")
      try eventually("the session expires") { try writer.ask("EXISTS \(ValueWriter.session)") == "OK false" }
      #expect(try writer.ask("FLUSH").hasPrefix("OK "))
      #expect(try reader.readOn() == 0)
      try reader.finish()
    }
  }

  @Test("goes on with the daemon's successor", arguments: FrozenReader.Place.allCases)
  func restart(place: FrozenReader.Place) throws {
    try withDaemon { daemon in
      var writer = try ValueWriter(daemon)
      try writer.write(7)
      let reader = try FrozenReader(daemon, place, rounds: 1)
      try reader.waitUntilStopped()
      try daemon.restart()
      #expect(try reader.readOn() == 7)
      try reader.finish()
      writer = try ValueWriter(daemon)
      #expect(try writer.ask("EXISTS \(ValueWriter.session)") == "OK true")
    }
  }

  @Test("costs the daemon nothing, stopped or killed")
  func costsNothing() throws {
    try withDaemon { daemon in
      let writer = try ValueWriter(daemon)
      try writer.write(1_000)
      let before = try writer.memory()
      let descriptors = daemon.facts.descriptors.count
      let readers = try FrozenReader.Place.allCases.map {
        try FrozenReader(daemon, $0, rounds: 1, name: "frozen-\($0)")
      }
      for reader in readers { try reader.waitUntilStopped() }
      try writer.write(Self.updates)
      let stopped = try writer.memory()
      #expect(stopped.used == before.used)
      #expect(stopped.reserved <= before.reserved + 65_536)
      for reader in readers { reader.kill() }
      try writer.write(Self.updates)
      let killed = try writer.memory()
      #expect(killed.used == before.used)
      #expect(killed.reserved <= before.reserved + 65_536)
      #expect(daemon.facts.descriptors.count == descriptors)
    }
  }
}
