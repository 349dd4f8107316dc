@preconcurrency internal import Glibc

/// Another process of this very program.
struct ChildProcess {
  private let id: pid_t

  /// Starts the program with these arguments and the same environment and output.
  init(arguments: [String]) throws {
    let words = ["sessiondemo"] + arguments
    var pointers = words.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var id = pid_t()
    let code = posix_spawn(&id, "/proc/self/exe", nil, nil, pointers, environ)
    guard code == 0 else {
      throw DemoFailure("can't start another process: \(String(cString: strerror(code)))")
    }
    self.id = id
  }

  /// Waits for the end: the exit code, or 128 and the signal's number.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      if errno != EINTR { return 127 }
    }
    // The layout that WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2) read.
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

func ownProcessID() -> Int32 { getpid() }

/// Writes out what was printed, so that it comes before what other processes print.
func flushOutput() {
  fflush(nil)
}

func complain(_ message: String) {
  fputs(message + "\n", stderr)
}

func leave(_ code: Int32) -> Never {
  exit(code)
}
