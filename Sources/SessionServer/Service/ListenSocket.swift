import Glibc
import SystemCalls

/// The socket that clients connect to: bound by the daemon itself, or handed over by systemd.
struct ListenSocket: ~Copyable {
  /// How many clients may wait to be accepted.
  static let backlog: Int32 = 4096

  enum Failure: Error, CustomStringConvertible {
    /// Another daemon answers there; its pid if it is known.
    case taken(path: String, pid: Int32?)
    /// A call that has to do with the path failed.
    case failed(path: String, SystemCallError)
    /// The path can't be a socket's.
    case unusable(path: String, why: String)

    var description: String {
      switch self {
      case .taken(let path, let pid):
        "another daemon\(pid.map { " (pid \($0))" } ?? "") is serving \(path)"
      case .failed(let path, let error): "\(path): \(error)"
      case .unusable(let path, let why): "\(path): \(why)"
      }
    }
  }

  private let descriptor: Descriptor
  /// What to remove in the end: nil for a socket that is systemd's.
  private let path: String?
  /// Which file that was when it was bound.
  private let inode: (device: dev_t, number: ino_t)
  /// Held as long as the socket is.
  private let lock: PidLock?

  var number: Int32 { descriptor.number }

  /// Whether this daemon bound it.
  var isOwn: Bool { path != nil }

  /// A socket that systemd bound.
  init(handedOver number: Int32) throws(SystemCallError) {
    let flags = try systemCall("fcntl") { fcntl(number, F_GETFL) }
    _ = try systemCall("fcntl") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    _ = try systemCall("fcntl") { fcntl(number, F_SETFD, FD_CLOEXEC) }
    descriptor = Descriptor(owning: number)
    path = nil
    inode = (0, 0)
    lock = nil
  }

  private init(descriptor: consuming Descriptor, path: String, lock: consuming PidLock) {
    self.descriptor = descriptor
    self.path = path
    inode = Self.status(path).map { ($0.st_dev, $0.st_ino) } ?? (0, 0)
    self.lock = consume lock
  }

  /// Binds a socket at `path`. One that is there already is taken over if nobody answers on it.
  ///
  /// - Parameters:
  ///   - mode: the permission bits; the socket is at no moment open to more than these say.
  ///   - group: the group that owns it; nil: the process's own.
  static func bind(path: String, mode: UInt32, group: UInt32?) throws -> ListenSocket {
    guard let address = UnixAddress(path: path) else {
      throw Failure.unusable(
        path: path, why: "a socket's path has 1 to \(UnixAddress.pathBytesMost) bytes")
    }
    let lock = try takeLock(path)
    try removeStale(path, address)
    let descriptor = try Descriptor.unixStream()
    let number = descriptor.number
    // Only the owner's bits at first; the group's and the others' come when the group is right.
    let before = umask(0o177)
    let result = Result { () throws(SystemCallError) in
      try systemCall("bind") { address.withSocketAddress { Glibc.bind(number, $0, $1) } }
    }
    umask(before)
    if case .failure(let error) = result {
      throw Failure.failed(path: path, error)
    }
    do throws(SystemCallError) {
      if let group { _ = try systemCall("chown") { chown(path, uid_t.max, group) } }
      _ = try systemCall("chmod") { chmod(path, mode) }
      _ = try systemCall("listen") { listen(number, Self.backlog) }
    } catch {
      unlink(path)
      throw Failure.failed(path: path, error)
    }
    return ListenSocket(descriptor: descriptor, path: path, lock: lock)
  }

  private static func takeLock(_ path: String) throws -> PidLock {
    do throws(PidLock.Failure) {
      return try PidLock.take(path: "\(path).lock")
    } catch {
      switch error {
      case .taken(let taken): throw Failure.taken(path: path, pid: taken.pid)
      case .system(let error): throw Failure.failed(path: "\(path).lock", error)
      }
    }
  }

  /// The pid of the process that listens at the other end; nil where the kernel does not say.
  private static func listenerPid(_ probe: borrowing Descriptor) -> Int32? {
    do throws(SystemCallError) {
      let pid = try PeerCredentials.of(probe.number).pid
      return pid > 0 ? pid : nil
    } catch {
      return nil
    }
  }

  /// What keeps a socket from being bound at a path, as far as looking tells; nil: nothing, or another socket.
  static func obstacle(at path: String) -> Failure? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      return errno == ENOENT ? nil : .unusable(path: path, why: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      return .unusable(path: path, why: "something that is no socket is in the way")
    }
    return nil
  }

  /// Removes a socket that is left over. The lock is held, so no other daemon of this kind is about to
  /// bind it.
  private static func removeStale(_ path: String, _ address: UnixAddress) throws {
    if let failure = obstacle(at: path) { throw failure }
    guard status(path) != nil else { return }
    let probe = try Descriptor.unixStream()
    if address.withSocketAddress({ connect(probe.number, $0, $1) }) == 0 || errno == EAGAIN {
      throw Failure.taken(path: path, pid: listenerPid(probe))
    }
    guard errno == ECONNREFUSED else {
      throw Failure.unusable(path: path, why: String(cString: strerror(errno)))
    }
    _ = try systemCall("unlink") { unlink(path) }
  }

  /// No more clients: a socket of the daemon's own disappears, one of systemd's goes on waiting.
  consuming func close() {}

  deinit {
    // Only if it is this one still: somebody may have removed it and bound another.
    guard let path, let status = Self.status(path), status.st_ino == inode.number,
      status.st_dev == inode.device
    else { return }
    unlink(path)
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }
}
