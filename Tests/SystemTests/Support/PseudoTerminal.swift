import Glibc

/// A terminal with a test in front of it (pty(7)).
final class PseudoTerminal {
  /// What the program gets as its input, and the path of it for its output.
  let inner: Int32
  let path: String
  private let outer: Int32
  private var bytes: [UInt8] = []

  init(columns: UInt16, rows: UInt16) throws {
    var ends: (outer: Int32, inner: Int32) = (-1, -1)
    try check(openpty(&ends.outer, &ends.inner, nil, nil, nil), "openpty")
    (outer, inner) = ends
    for end in [outer, inner] { try check(fcntl(end, F_SETFD, FD_CLOEXEC), "fcntl") }
    try check(fcntl(outer, F_SETFL, O_NONBLOCK), "fcntl")
    var name = [UInt8](repeating: 0, count: 256)
    let count = try check(readlink("/proc/self/fd/\(inner)", &name, name.count), "readlink")
    path = String(decoding: name[..<count], as: UTF8.self)
    try resize(columns: columns, rows: rows)
  }

  deinit {
    close(inner)
    close(outer)
  }

  func resize(columns: UInt16, rows: UInt16) throws {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try check(ioctl(outer, UInt(TIOCSWINSZ), &size), "ioctl")
  }

  func type(_ keys: String) throws {
    try check(write(outer, Array(keys.utf8), keys.utf8.count), "write")
  }

  /// Whether it shows what is typed and gathers it to lines, as terminals do for shells.
  var isCooked: Bool {
    get throws {
      var settings = termios()
      try check(tcgetattr(inner, &settings), "tcgetattr")
      return settings.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO)
    }
  }

  /// All that the program has written since it was forgotten.
  var written: String {
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(outer, &chunk, chunk.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  func forget() {
    _ = written
    bytes = []
  }
}
