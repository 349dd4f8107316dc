import Glibc

/// A process that a test started; it never outlives this object.
///
/// Its output goes to files, so that no pipe can fill and no thread has to drain it.
final class ChildProcess {
  let pid: pid_t
  private var status: ExitStatus?

  /// - Parameters:
  ///   - name: the one that it sees itself called by, if that is not the program's.
  ///   - standardInput: a descriptor, or nil for no input.
  ///   - descriptors: become descriptors 3, 4, … of the child; no other is open in it.
  init(
    program: String, calledBy name: String? = nil, arguments: [String], environment: [String: String],
    standardInput: Int32? = nil, standardOutput: String, standardError: String,
    descriptors: [Int32] = []
  ) throws {
    _ = Self.inheritsNothing
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let standardInput {
      posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    let creating = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, 1, standardOutput, creating, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, standardError, creating, 0o644)

    // Copies far above 3, so that no dup2 overwrites a source that is still to come.
    let copies = try descriptors.map { try check(fcntl($0, F_DUPFD_CLOEXEC, 200), "fcntl") }
    defer { for copy in copies { close(copy) } }
    for (index, copy) in copies.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, copy, Int32(3 + index))
    }
    pid = try Self.spawn(program, [name ?? program] + arguments, environment, &actions)
  }

  deinit { stop() }

  /// Everything that a test opens is closed on exec; this is for what the tests' own process came with.
  private static let inheritsNothing: Void = {
    for name in Files.names(in: "/proc/self/fd") {
      guard let descriptor = Int32(name), descriptor > 2 else { continue }
      let flags = fcntl(descriptor, F_GETFD)
      if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
    }
  }()

  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: [String: String],
    _ actions: inout posix_spawn_file_actions_t
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var argumentPointers = arguments.map { strdup($0) } + [nil]
    var environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawn(
      &pid, program, &actions, &attributes, &argumentPointers, &environmentPointers)
    guard code == 0 else { throw SystemCallError(call: "posix_spawn \(program)", code: code) }
    return pid
  }

  func signal(_ number: Int32) throws {
    guard status == nil else { throw Failure("process \(pid) has ended already") }
    try check(kill(pid, number), "kill")
  }

  /// The status, or nil while it runs.
  func poll() throws -> ExitStatus? {
    if let status { return status }
    var code: Int32 = 0
    if try check(waitpid(pid, &code, WNOHANG), "waitpid") == 0 { return nil }
    status = ExitStatus(waitStatus: code)
    return status
  }

  @discardableResult
  func waitForExit(within seconds: Double = 30) throws -> ExitStatus {
    try eventually("process \(pid) ends", within: seconds) { try poll() != nil }
    return status!
  }

  /// kill -9, at once; a no-op when it has ended.
  func stop() {
    guard status == nil else { return }
    kill(pid, SIGKILL)
    var code: Int32 = 0
    while waitpid(pid, &code, 0) < 0 && errno == EINTR {}
    status = ExitStatus(waitStatus: code)
  }
}
