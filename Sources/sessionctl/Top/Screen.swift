internal import Glibc
import SessionctlKit

/// The whole terminal, for a program that paints it again and again. What was there before comes back when this
/// goes, and when the program is ended by a signal.
struct Screen: ~Copyable {
  enum Wish {
    /// It is time to paint anew.
    case due
    /// The terminal has another size now.
    case resized
    case quit
  }

  /// Whether there is one, that knows control sequences as far as TERM says.
  static var isPossible: Bool {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return false }
    let kind = getenv("TERM").map { String(cString: $0) } ?? ""
    return kind != "" && kind != "dumb"
  }

  /// Another buffer for the screen, with no cursor and no wrapping (xterm's control sequences), and back. No table of
  /// widths is right for all terminals: a line that is wider than was thought must not push the others up.
  private static let begin = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
  private static let end: StaticString = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
  /// To the upper left corner; away with the rest of a line; away with all lines below.
  private static let home = "\u{1B}[H"
  private static let clearLine = "\u{1B}[K"
  private static let clearBelow = "\u{1B}[J"

  /// How often the terminal is asked for its size.
  private static let look = Duration.milliseconds(200)

  private var size: Size

  private struct Size: Equatable {
    var columns: Int
    var rows: Int
  }

  init() throws(Failure) {
    guard SavedTerminal.save() else {
      throw Failure(.refused, "The terminal can't be set up: \(String(cString: strerror(errno))).")
    }
    SavedTerminal.restoreOnSignals()
    var raw = SavedTerminal.settings
    // Keys come at once, are not shown, and Ctrl-C is one of them.
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
    Terminal.paint(Self.begin)
    size = Self.currentSize
  }

  deinit {
    Terminal.paint(Self.end.description)
    SavedTerminal.restore()
  }

  /// Paints lines that are made for the size of now.
  mutating func draw(_ lines: (_ columns: Int, _ rows: Int) -> [TextLine]) {
    size = Self.currentSize
    var text = Self.home
    for (index, line) in lines(size.columns, size.rows).prefix(size.rows).enumerated() {
      // No line end behind the last line, which would move all up.
      if index > 0 { text += "\r\n" }
      text += line.text(Terminal.style, columns: size.columns) + Self.clearLine
    }
    Terminal.paint(text + Self.clearBelow)
  }

  /// Waits for a key, another size or the moment, whichever comes first.
  mutating func wait(until moment: ContinuousClock.Instant) -> Wish {
    while true {
      if Self.currentSize != size { return .resized }
      let left = moment - .now
      guard left > .zero else { return .due }
      let milliseconds = (min(left, Self.look) / .milliseconds(1)).rounded(.up)
      if let wish = Self.key(within: Int32(milliseconds)) { return wish }
    }
  }

  /// A key that was pressed by now, or another size, without waiting; nil where there is neither.
  func wish() -> Wish? { Self.currentSize != size ? Wish.resized : Self.key(within: 0) }

  /// What the next key means; nil for one that means nothing, and where none comes within so many milliseconds.
  private static func key(within milliseconds: Int32) -> Wish? {
    var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&watched, 1, milliseconds) > 0 else { return nil }
    var byte: UInt8 = 0
    let count = read(STDIN_FILENO, &byte, 1)
    if count < 0, errno == EINTR || errno == EAGAIN { return nil }
    // A terminal that hung up has nobody in front of it.
    guard count == 1 else { return .quit }
    switch byte {
    case UInt8(ascii: "q"), UInt8(ascii: "Q"), 3: return .quit
    case UInt8(ascii: " "): return .due
    default: return nil
    }
  }

  /// What the terminal says; one that does not say has the size of old.
  private static var currentSize: Size {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
      return Size(columns: 80, rows: 24)
    }
    return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
  }

  /// How a terminal was before, for the one that there is.
  private enum SavedTerminal {
    // Safe: only the thread that has the screen uses it; the handler has a copy.
    nonisolated(unsafe) static var settings = termios()

    // Safe: written before the handler that reads them is set, which makes them before it as well. Their types are
    // those of the calls, so that the handler has nothing to convert.
    nonisolated(unsafe) private static var settingsOnSignal: UnsafePointer<termios>?
    nonisolated(unsafe) private static var bytesOnSignal: UnsafeRawPointer?
    nonisolated(unsafe) private static var countOnSignal = 0

    static func save() -> Bool { tcgetattr(STDIN_FILENO, &settings) == 0 }

    static func restore() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }

    /// The calls of the handler are allowed in one (signal-safety(7)), and what it reads was made before: a global
    /// that it touched first would be made under a lock, and one that is lent as `inout` collides with others.
    static func restoreOnSignals() {
      // Never freed: a signal may come until the very end.
      let copy = UnsafeMutablePointer<termios>.allocate(capacity: 1)
      copy.initialize(to: settings)
      settingsOnSignal = UnsafePointer(copy)
      bytesOnSignal = UnsafeRawPointer(Screen.end.utf8Start)
      countOnSignal = Screen.end.utf8CodeUnitCount
      for number in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
        signal(number) { number in
          _ = write(STDOUT_FILENO, SavedTerminal.bytesOnSignal, SavedTerminal.countOnSignal)
          tcsetattr(STDIN_FILENO, TCSANOW, SavedTerminal.settingsOnSignal)
          _exit(128 + number)
        }
      }
    }
  }
}
