import CLinux
import Glibc
import Testing

@Suite("MAP hands out the segment")
struct MapTests {
  private let sizeBytes = 8 << 20

  /// The errno of a call that has to fail; nil if it does not.
  private func failure(_ call: () -> Int) -> Int32? {
    errno = 0
    return call() == -1 ? errno : nil
  }

  private func contains(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let sought = Array(text.utf8)
    var start = 0
    while let base = bytes.baseAddress, bytes.count - start >= sought.count,
      let found = memchr(base + start, Int32(sought[0]), bytes.count - start - sought.count + 1)
    {
      if memcmp(found, sought, sought.count) == 0 { return true }
      start = UnsafeRawPointer(found) - base + 1
    }
    return false
  }

  @Test("as a descriptor of the very file, with its format, its size and its id")
  func description() throws {
    try withDaemon("--max-memory", "8M") { daemon in
      let (reply, descriptor) = try daemon.connect().map()
      let status = try descriptor.status
      #expect(status.st_mode == S_IFREG | 0o600)
      #expect(Int(status.st_size) == sizeBytes)
      #expect(status.st_ino == Files.status(daemon.directory.file("segment"))?.st_ino)
      // The magic of the format's first word: SESSIOND.
      #expect(try descriptor.word(at: 0) == 0x444E_4F49_5353_4553)
      let format = try descriptor.word(at: 8) & 0xFFFF_FFFF
      let id = try [24, 32].map { offset in
        let digits = String(try descriptor.word(at: offset), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
      #expect(reply == #"OK {"format":\#(format),"size":\#(sizeBytes),"segment":"\#(id)"}"#)
    }
  }

  @Test("as a descriptor that can read, and change nothing")
  func readOnly() throws {
    try withDaemon("--max-memory", "8M") { daemon in
      _ = try daemon.ask(#"SET s1 theme "dark""#).version
      let (_, descriptor) = try daemon.connect().map()
      let number = descriptor.number
      #expect(try check(fcntl(number, F_GETFL), "fcntl") & O_ACCMODE == O_RDONLY)
      #expect(try check(fcntl(number, F_GETFD), "fcntl") & FD_CLOEXEC != 0)
      #expect(failure { write(number, "x", 1) } == EBADF)
      #expect(failure { pwrite(number, "x", 1, 4096) } == EBADF)
      #expect(failure { Int(ftruncate(number, 4096)) } == EINVAL)
      #expect(failure { Int(linux_allocate(number, 0, 4096)) } == EBADF)
      #expect(failure { Int(linux_punch_hole(number, 0, 4096)) } == EBADF)
      #expect(
        failure { Int(bitPattern: mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)) } == EACCES)
      let mapping = try #require(mmap(nil, sizeBytes, PROT_READ, MAP_SHARED, number, 0))
      try #require(mapping != MAP_FAILED)
      defer { munmap(mapping, sizeBytes) }
      #expect(failure { Int(mprotect(mapping, 4096, PROT_READ | PROT_WRITE)) } == EACCES)
      // What the daemon writes from now on is there to be read.
      _ = try daemon.ask(#"SET s1 secret "xyzzy-\#(getpid())""#).version
      #expect(contains("xyzzy-\(getpid())", UnsafeRawBufferPointer(start: mapping, count: sizeBytes)))
      #expect(try daemon.ask("GET s1 theme") == #"OK "dark""#)
    }
  }

  @Test("to each that asks, pipelined amid other requests, and each descriptor before the next reply to MAP")
  func pipelined() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      connection.takesDescriptors = true
      let value = "\"" + String(repeating: "x", count: 100_000) + "\""
      _ = try connection.request("SET s1 long \(value)").version
      for _ in 0..<3 {
        var requests = ""
        for number in 0..<50 {
          requests += "INCR s1 n\nMAP\n" + (number % 5 == 0 ? "GET s1 long\nMAP\n" : "")
        }
        let replies = try connection.exchange(Array(requests.utf8), replies: 120)
        #expect(replies.count { $0.hasPrefix(#"OK {"format":"#) } == 60)
        #expect(replies.count { $0 == "OK \(value)" } == 10)
        #expect(connection.descriptors.count == 60)
        let inode = Files.status(daemon.directory.file("segment"))?.st_ino
        #expect(try connection.descriptors.allSatisfy { try $0.status.st_ino == inode })
        connection.dropDescriptors()
      }
      #expect(try connection.request("GET s1 n") == "OK 150")
      #expect(try connection.request("STATS").contains(#""mapped":{"hits":0,"maps":180}"#))
    }
  }

  @Test("to a client that receives with plain recv, which loses nothing but the descriptor")
  func plainReceive() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try connection.send("SET s1 a 1\nMAP\nGET s1 a\nMAP\nMAP\nINCR s1 a\nPING\n")
      _ = try connection.reply().version
      #expect(try connection.reply().hasPrefix(#"OK {"format":"#))
      #expect(try connection.reply() == "OK 1")
      #expect(try connection.reply().hasPrefix(#"OK {"format":"#))
      #expect(try connection.reply().hasPrefix(#"OK {"format":"#))
      #expect(try connection.reply() == "OK 2")
      #expect(try connection.reply() == #"OK "pong""#)
    }
  }

  @Test("without keeping a descriptor: 1,000 MAPs, read and unread, leave the daemon with as many as before")
  func noLeak() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try daemon.waitUntilAlone(connection)
      let before = daemon.facts.descriptors.count
      for _ in 0..<500 { _ = try connection.map() }
      // Of these none is read: the client is gone with what waits for it.
      for _ in 0..<10 {
        let other = try daemon.connect()
        try other.send(String(repeating: "MAP\n", count: 50))
        try other.waitForReply()
        other.close()
      }
      try daemon.waitUntilAlone(connection)
      try eventually("none is left") { daemon.facts.descriptors.count == before }
      #expect(try connection.request("STATS").number("maps") >= 500)
    }
  }

  @Test("to a client that can't keep a daemon from starting, whatever it locks")
  func locked() throws {
    try withDaemon { daemon in
      let (_, descriptor) = try daemon.connect().map()
      try check(flock(descriptor.number, LOCK_EX | LOCK_NB), "flock")
      try daemon.restart()
      #expect(try daemon.ask("PING") == #"OK "pong""#)
    }
  }

  // Needs root, to run the daemon without the privilege that lifts the kernel's bound, and setpriv.
  @Test(
    "until the kernel lets no more be under way: then ERR unavailable, until some are read",
    .enabled(if: Credentials.canChangeUser))
  func underWay() throws {
    try TemporaryDirectory.with { directory in
      try check(chown(directory.path, Credentials.stranger, Credentials.stranger), "chown")
      guard let setpriv = Programs.tool("setpriv") else { throw Failure("no setpriv") }
      let daemon = try DaemonProcess.start(
        in: directory,
        DaemonOptions(prelude: "ulimit -n 100", wrapper: [setpriv] + Credentials.asStranger([])))
      defer { daemon.kill() }
      let (greedy, other) = (try daemon.connect(), try daemon.connect())
      greedy.takesDescriptors = true
      // As many as the kernel allows a user are as many as he may have open.
      try greedy.send(String(repeating: "MAP\n", count: 150) + "PING\n")
      try eventually("all are answered") { try other.request("STATS").contains(#""MAP":{"count":150,"#) }
      #expect(try other.request("MAP").errorCode == "unavailable")
      #expect(try other.request("SET s1 a 1").version > 0)
      let replies = try (0..<151).map { _ in try greedy.reply() }
      let refused = replies.count { $0.errorCode == "unavailable" }
      #expect((1..<150).contains(refused))
      #expect(greedy.descriptors.count == 150 - refused)
      #expect(replies.last == #"OK "pong""#)
      _ = try other.map()
      #expect(daemon.standardError.contains("does not get the segment's descriptor"))
    }
  }
}
