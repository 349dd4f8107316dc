import Glibc
import SystemCalls
import TestSupport

@testable import SessionStore

/// A redis-server of a test's own, on a Unix socket in a directory of its own. It never outlives this object.
final class RedisServerProcess {
  let directory: String
  let socket: String
  private let arguments: [String]
  private var pid: pid_t = 0

  /// - Parameter options: as on the command line; without persistence unless they say so.
  init(_ options: String...) throws {
    ProcessSetUp.ignoreWriteSignals()
    var template = Array("/tmp/sessiond-redis-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    socket = "\(directory)/redis.sock"
    arguments =
      RedisProgram.arguments(socket: socket, directory: directory)
      + ["--appendonly", "no", "--logfile", "\(directory)/log"] + options
    try start()
  }

  deinit {
    kill()
    removeTree(directory)
  }

  /// Starts it anew after `kill`.
  func start() throws {
    guard let program = RedisProgram.path else { throw TestTrouble("no redis-server") }
    unlink(socket)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words = ([RedisProgram.name] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawn(&pid, program, &actions, nil, &words, environ)
    guard code == 0 else { throw SystemCallError("posix_spawn", code) }
    try eventually("redis-server answers") { (try? command("PING")) != nil }
  }

  /// kill -9, and waits for its end.
  func kill() {
    guard pid > 0 else { return }
    Glibc.kill(pid, SIGKILL)
    while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
    pid = 0
  }

  func signal(_ number: Int32) { Glibc.kill(pid, number) }

  var location: RedisLocation { RedisLocation(endpoint: .unix(path: socket)) }

  /// Asks it, as anybody could, over a connection of its own.
  @discardableResult
  func command(_ words: String..., password: String? = nil) throws -> RedisReply {
    var command = RedisCommand()
    for word in words { command.append(word) }
    return try ask(command, password: password)
  }

  @discardableResult
  func ask(_ command: RedisCommand, password: String? = nil) throws -> RedisReply {
    var connection = try RedisConnection.connecting(to: .unix(path: socket), timeout: 10_000_000_000)
    if let password { _ = try connection.exchange([RedisCommand("AUTH", password)]) }
    return try connection.exchange([command])[0]
  }
}

/// Removes a directory with its files and theirs (appendonlydir).
private func removeTree(_ path: String) {
  if let directory = opendir(path) {
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != ".." else { continue }
      if unlink("\(path)/\(name)") != 0 { removeTree("\(path)/\(name)") }
    }
    closedir(directory)
  }
  rmdir(path)
}

/// What keeps a test from being made.
struct TestTrouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Waits until something is so, for half a minute at most.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
  for _ in 0..<6000 {
    if try condition() { return }
    usleep(5000)
  }
  throw TestTrouble("it never came that \(what)")
}
