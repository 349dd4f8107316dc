import SystemCalls

/// What the kernel tells of a process's memory (proc(5)).
struct ProcessMemory {
  private let path: String
  private let text: String

  /// - Parameter file: one of /proc/PID with lines such as `VmRSS:     1234 kB`.
  private init(_ process: Int, _ file: String) throws {
    path = "/proc/\(process)/\(file)"
    text = try SmallFile.text(ofKernel: path)
  }

  /// What is in memory, and how much of that is shared, such as a segment; in bytes.
  static func resident(of process: Int) throws -> (all: Int, shared: Int) {
    let status = try ProcessMemory(process, "status")
    return (try status.bytes("VmRSS"), try status.bytes("RssShmem"))
  }

  /// What it has for itself alone, in bytes: its heap and stacks, not the segment and the program's file. Counted by
  /// pages, where /proc/PID/status guesses.
  static func anonymous(of process: Int) throws -> Int {
    try ProcessMemory(process, "smaps_rollup").bytes("Anonymous")
  }

  private func bytes(_ name: String) throws -> Int {
    guard let bytes = Self.bytes(name, in: text) else {
      throw BenchmarkFailure("\(path) does not tell \(name)")
    }
    return bytes
  }

  /// The line of this name; nil if there is none with a number of kB.
  static func bytes(_ name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if words.count == 3, words[0] == "\(name):", words[2] == "kB" { return Int(words[1]).map { $0 * 1024 } }
    }
    return nil
  }
}
