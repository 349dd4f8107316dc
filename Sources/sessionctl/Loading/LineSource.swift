internal import Glibc

/// The lines of a file or of standard input.
struct LineSource: ~Copyable {
  enum Line {
    case bytes([UInt8])
    /// It was skipped.
    case tooLong
  }

  /// A line that is longer can't be a session: a daemon's are far shorter.
  static let lineBytesMax = 64 * 1024 * 1024
  private static let readBytes = 256 * 1024

  private let descriptor: Int32
  private let name: String
  /// How many bytes the file has; nil if that is not known beforehand.
  let bytesTotal: Int?
  /// How many bytes of it the lines have taken.
  private(set) var bytesTaken = 0

  private var buffer: [UInt8] = []
  /// Where the next line begins, and how far it was searched for its end.
  private var start = 0
  private var searched = 0
  private var isAtEnd = false
  private var skips = false

  /// - Parameter path: a file; `-`: standard input.
  init(_ path: String) throws(Failure) {
    name = path == "-" ? "Standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(name, errno) }
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    // Of a file that standard input is, a part may have been read already.
    bytesTotal = isFile && path != "-" ? Int(status.st_size) : nil
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  private static func failure(_ name: String, _ code: Int32) -> Failure {
    Failure(.usage, "\(name) can't be read: \(String(cString: strerror(code))).")
  }

  /// Whether the next line has to be waited for.
  mutating func isWaiting() -> Bool {
    if endOfLine() != nil || isAtEnd { return false }
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 0) == 0
  }

  /// The next line without its end; nil behind the last one. A last line need not have an end.
  mutating func next() throws(Failure) -> Line? {
    while true {
      if let end = endOfLine() {
        let line = buffer[start..<end]
        let wasTooLong = skips || line.count > Self.lineBytesMax
        bytesTaken += line.count + 1
        start = end + 1
        searched = start
        skips = false
        return wasTooLong ? .tooLong : .bytes(Array(line))
      }
      if isAtEnd { return try lastLine() }
      if buffer.count - start > Self.lineBytesMax { skip() }
      try fill()
    }
  }

  private mutating func endOfLine() -> Int? {
    // Safe: memchr(3) only reads the bytes that it is given, while it is called.
    let distance = buffer[searched...].withUnsafeBytes { bytes in
      bytes.baseAddress.flatMap { start in
        memchr(start, Int32(UInt8(ascii: "\n")), bytes.count).map { UnsafeRawPointer($0) - start }
      }
    }
    searched = distance.map { searched + $0 } ?? buffer.count
    return distance == nil ? nil : searched
  }

  private mutating func lastLine() throws(Failure) -> Line? {
    let rest = buffer[start...]
    guard !rest.isEmpty || skips else { return nil }
    bytesTaken += rest.count
    let line: Line = skips ? .tooLong : .bytes(Array(rest))
    start = buffer.count
    skips = false
    return line
  }

  /// Lets go of the beginning of a line that is too long.
  private mutating func skip() {
    bytesTaken += buffer.count - start
    buffer.removeAll(keepingCapacity: true)
    start = 0
    searched = 0
    skips = true
  }

  private mutating func fill() throws(Failure) {
    buffer.removeFirst(start)
    searched -= start
    start = 0
    var chunk = [UInt8](repeating: 0, count: Self.readBytes)
    var count: Int
    repeat {
      count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EAGAIN { waitForInput() }
    } while count < 0 && (errno == EINTR || errno == EAGAIN)
    guard count >= 0 else { throw Self.failure(name, errno) }
    isAtEnd = count == 0
    buffer.append(contentsOf: chunk[..<count])
  }

  /// For a descriptor that another program made one that does not wait.
  private func waitForInput() {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&watched, 1, -1)
  }
}
