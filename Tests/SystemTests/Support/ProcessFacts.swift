import Glibc

/// What /proc tells about a process.
struct ProcessFacts {
  let pid: pid_t

  /// Bytes of memory of its own that are resident: neither shared mappings nor files.
  var anonymousBytes: Int {
    get throws { try kibibytes("RssAnon:") * 1024 }
  }

  /// Bytes resident in all.
  var residentBytes: Int {
    get throws { try kibibytes("VmRSS:") * 1024 }
  }

  /// The process that traces it, strace(1) for instance.
  var tracer: pid_t? {
    get throws {
      for line in try Files.text("/proc/\(pid)/status").split(separator: "\n")
      where line.hasPrefix("TracerPid:") {
        return pid_t(line.filter(\.isNumber)).flatMap { $0 == 0 ? nil : $0 }
      }
      throw Failure("no tracer of process \(pid)")
    }
  }

  private func kibibytes(_ field: String) throws -> Int {
    let status = try Files.text("/proc/\(pid)/status")
    for line in status.split(separator: "\n") where line.hasPrefix(field) {
      let digits = line.filter(\.isNumber)
      if let number = Int(digits) { return number }
    }
    throw Failure("no \(field) of process \(pid)")
  }

  /// How often its threads have gone to sleep.
  var voluntarySwitches: Int {
    get throws {
      try Files.names(in: "/proc/\(pid)/task").reduce(0) { sum, thread in
        let status = try Files.text("/proc/\(pid)/task/\(thread)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
        guard let count = line.flatMap({ Int($0.filter(\.isNumber)) }) else { throw Failure("no switches") }
        return sum + count
      }
    }
  }

  /// The names of its threads; none if it is gone.
  var threadNames: [String] {
    Files.names(in: "/proc/\(pid)/task").compactMap { thread in
      (try? Files.text("/proc/\(pid)/task/\(thread)/comm")).map { String($0.dropLast()) }
    }
  }

  var descriptors: [Int] { Files.names(in: "/proc/\(pid)/fd").compactMap(Int.init) }

  /// Whether a descriptor is closed on exec.
  func closesOnExec(_ descriptor: Int) throws -> Bool {
    let information = try Files.text("/proc/\(pid)/fdinfo/\(descriptor)")
    for line in information.split(separator: "\n") where line.hasPrefix("flags:") {
      guard let flags = Int32(line.filter(\.isNumber), radix: 8) else { break }
      return flags & O_CLOEXEC != 0
    }
    throw Failure("no flags of descriptor \(descriptor) of process \(pid)")
  }

  /// Whether each of its threads is stopped.
  var isStopped: Bool {
    get throws {
      try Files.names(in: "/proc/\(pid)/task").allSatisfy { thread in
        let text = try Files.text("/proc/\(pid)/task/\(thread)/stat")
        return text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") T")
      }
    }
  }

  /// The words of its stat file from the second on: the first holds the name, which may have spaces.
  private var statistics: [Substring] {
    get throws {
      let text = try Files.text("/proc/\(pid)/stat")
      guard let nameEnd = text.lastIndex(of: ")") else { throw Failure("no stat of process \(pid)") }
      return text[nameEnd...].split(separator: " ")
    }
  }

  /// The processor time that it has used, in clock ticks (100 a second).
  var processorTicks: Int {
    get throws {
      let fields = try statistics
      // Field 14 and 15 of proc(5); the first after the name is number 3.
      guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
        throw Failure("short stat of process \(pid)")
      }
      return user + system
    }
  }
}
