internal import Glibc
internal import SystemCalls

/// Where the daemon's socket is: the one place that knows the rule.
///
/// The path that was named, else `$SESSIOND_SOCKET`, else the first of these that exists:
/// `$XDG_RUNTIME_DIR/sessiond.sock`, `/run/sessiond.sock`, `/tmp/sessiond-<uid>/sessiond.sock`. The last
/// one counts only if its directory belongs to this user (or root) and nobody else may write there:
/// anyone can make directories in /tmp, and sessions shall not be handed to whoever did.
public struct SocketLocator: Sendable {
  struct Candidate: Sendable, Equatable {
    let path: String
    let needsPrivateDirectory: Bool
  }

  private let named: String?
  let candidates: [Candidate]
  private let user: UInt32

  /// The rule for this process: its environment and its user.
  public init(named path: String? = nil) {
    self.init(
      named: path, user: getuid(),
      environment: { name in
        getenv(name).map { String(cString: $0) }
      })
  }

  init(named path: String?, user: UInt32, environment: (String) -> String?) {
    func variable(_ name: String) -> String? {
      environment(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    self.user = user
    named = path ?? variable("SESSIOND_SOCKET")
    var candidates: [Candidate] = []
    if let directory = variable("XDG_RUNTIME_DIR") {
      candidates.append(Candidate(path: directory + "/sessiond.sock", needsPrivateDirectory: false))
    }
    candidates.append(Candidate(path: "/run/sessiond.sock", needsPrivateDirectory: false))
    candidates.append(Candidate(path: "/tmp/sessiond-\(user)/sessiond.sock", needsPrivateDirectory: true))
    self.candidates = candidates
  }

  /// For tests: other places to look at.
  init(candidates: [Candidate], user: UInt32) {
    named = nil
    self.candidates = candidates
    self.user = user
  }

  /// The path to connect to. It is looked up anew for every connection, since a daemon may come up later.
  ///
  /// Throws `SessionError.unavailable` where no path was named and none of the usual ones exists.
  public func path() throws(SessionError) -> String {
    if let named { return named }
    for candidate in candidates where Self.exists(candidate.path) {
      if candidate.needsPrivateDirectory, !isPrivate(directoryOf: candidate.path) {
        throw .unavailable(
          socket: candidate.path, reason: "its directory is not this user's alone, so it is not trusted")
      }
      return candidate.path
    }
    throw .unavailable(socket: description, reason: String(cString: strerror(ENOENT)))
  }

  func connect(in openDescriptors: OpenDescriptors) throws(SessionError) -> SocketConnection {
    let path = try path()
    guard let address = UnixAddress(path: path) else {
      throw .unavailable(
        socket: path, reason: "a socket's path has 1 to \(UnixAddress.pathBytesMost) bytes, none of them zero"
      )
    }
    do throws(SystemCallError) {
      return try SocketConnection(to: address, in: openDescriptors)
    } catch {
      throw .unavailable(socket: path, reason: error.description)
    }
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  private func isPrivate(directoryOf path: String) -> Bool {
    let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    var status = stat()
    guard lstat(directory, &status) == 0 else { return false }
    let isDirectory = status.st_mode & S_IFMT == S_IFDIR
    let othersMayWrite = status.st_mode & (S_IWGRP | S_IWOTH) != 0
    return isDirectory && !othersMayWrite && (status.st_uid == user || status.st_uid == 0)
  }
}

extension SocketLocator: CustomStringConvertible {
  /// The path that was named, or all that are looked at.
  public var description: String {
    named ?? candidates.map(\.path).joined(separator: " or ")
  }
}
