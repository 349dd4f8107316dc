import Glibc
import Synchronization
import Testing

@Suite("Under load the configuration is read again by the book of sd_notify(3), good and bad ones in turn")
struct LoadedReloadTests {
  private static let reloads = 20

  @Test(
    "RELOADING=1 with its moment, then READY=1; what is bad changes nothing and is in STATUS; no client is dropped"
  )
  func underLoad() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("notify.sock")
      let manager = try NotifySocket(UnixAddress(path: path))
      let options = DaemonOptions(environment: ["NOTIFY_SOCKET": path], configuration: "ttl=100s\n")
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      try manager.waitFor("READY=1")
      try manager.waitFor("STATUS=")
      let socket = daemon.socketPath
      let isOver = Atomic<Bool>(false)
      let answered = Atomic<Int>(0)
      // Connections that stay over all reloads, and such that come and go.
      let load = try StartedThreads(4) { index in
        var connection = try RawConnection(path: socket)
        var number = 0
        while !isOver.load(ordering: .relaxed) {
          if index == 3 { connection = try RawConnection(path: socket) }
          number += 1
          let reply = try connection.request("INCR load\(index) n")
          guard reply == "OK \(number)" else { throw Failure("\(reply) instead of OK \(number)") }
          answered.add(1, ordering: .relaxed)
        }
      }
      defer { isOver.store(true, ordering: .relaxed) }
      for round in 0..<Self.reloads { try reload(daemon, manager, round) }
      isOver.store(true, ordering: .relaxed)
      try load.join()
      #expect(answered.load(ordering: .relaxed) > Self.reloads)
    }
  }

  /// Every other configuration is bad: in its second line, so that nothing of its first may hold either.
  private func reload(_ daemon: DaemonProcess, _ manager: NotifySocket, _ round: Int) throws {
    let isGood = round.isMultiple(of: 2)
    try Files.write(
      isGood ? "ttl=\(200 + round)s\n" : "ttl=9s\nmax-line=lots\n", to: daemon.configurationPath)
    let told = manager.assignments.count
    let before = Self.monotonicMicroseconds
    try daemon.signal(SIGHUP)
    let moment = try manager.waitFor("MONOTONIC_USEC=", after: told)
    try manager.waitFor("READY=1", after: told)
    let microseconds = try #require(Int64(moment.dropFirst("MONOTONIC_USEC=".count)))
    #expect((before...Self.monotonicMicroseconds).contains(microseconds))
    let news = manager.assignments.dropFirst(told)
    #expect(news.filter { $0 == "RELOADING=1" || $0 == "READY=1" } == ["RELOADING=1", "READY=1"])
    let status = try #require(news.last { $0.hasPrefix("STATUS=") })
    #expect(status.contains("not reloaded") != isGood && status.contains("max-line") != isGood, "\(status)")
    _ = try daemon.ask("DEL s")
    _ = try daemon.ask("SET s a 1").version
    #expect(try daemon.ask("INFO s").number("idle") == Double(isGood ? 200 + round : 199 + round))
  }

  private static var monotonicMicroseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
  }
}
