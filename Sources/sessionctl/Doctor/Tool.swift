internal import Glibc

/// Runs another program for what it prints.
enum Tool {
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// More than this nobody reads.
  private static let bytesMax = 64 * 1024

  /// What a program of the PATH prints to standard output, in the language C; what it complains of is part of the
  /// error. It is killed when it takes too long.
  static func output(_ name: String, _ arguments: [String], within patience: Duration) throws(Failed)
    -> String
  {
    var ends: [Int32] = [0, 0]
    guard openPipe(&ends) else { throw failed("pipe", errno) }
    defer { close(ends[0]) }
    let process: pid_t
    do {
      defer { close(ends[1]) }
      process = try spawn(name, arguments, output: ends[1])
    }
    let (text, isWhole) = read(ends[0], until: .now + patience)
    if !isWhole { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard isWhole else { throw Failed(description: "\(name) did not end in time") }
    // Ended by itself, with 0 (wait(2)).
    guard status == 0 else {
      throw Failed(description: text.split(separator: "\n").first.map(String.init) ?? "it says nothing")
    }
    return text
  }

  private static func failed(_ what: String, _ code: Int32) -> Failed {
    Failed(description: "\(what): \(String(cString: strerror(code)))")
  }

  private static func openPipe(_ ends: inout [Int32]) -> Bool {
    guard pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return true
  }

  private static func spawn(_ name: String, _ arguments: [String], output: Int32) throws(Failed) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    var variables = ["LC_ALL=C", "PATH=\(search)"]
    for variable in ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] {
      if let value = getenv(variable) { variables.append("\(variable)=\(String(cString: value))") }
    }
    // Safe: the copies are freed behind the call, which reads them only.
    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) }
    words.append(nil)
    environment.append(nil)
    defer { for copy in words + environment { free(copy) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, name, &actions, nil, &words, &environment)
    guard code == 0 else { throw failed(name, code) }
    return process
  }

  /// - Returns: what came, and whether that is all.
  private static func read(_ descriptor: Int32, until end: ContinuousClock.Instant) -> (String, Bool) {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    var isWhole = false
    while !isWhole, bytes.count < bytesMax {
      let left = (end - .now) / .milliseconds(1)
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0 else { break }
      guard poll(&watched, 1, Int32(min(left.rounded(.up), 1e6))) > 0 else { continue }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count > 0 {
        bytes += chunk[..<count]
      } else if count == 0 {
        isWhole = true
      } else if errno != EINTR {
        break
      }
    }
    return (String(decoding: bytes, as: UTF8.self), isWhole)
  }
}
