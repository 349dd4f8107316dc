import Glibc
import SystemCalls

/// The processor's time that another process has used, all of its threads together.
enum ProcessorTime {
  /// In nanoseconds, as exact as the kernel's ticks of 10 ms (proc(5), /proc/PID/stat).
  static func nanoseconds(of process: Int) throws -> Int64 {
    let descriptor = try Descriptor.open("/proc/\(process)/stat", O_RDONLY)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try systemCall("read") { read(descriptor.number, &bytes, bytes.count) }
    // The program's name, in parentheses, may hold anything; the fields behind it are numbers.
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 13, let user = Int64(fields[12]), let system = Int64(fields[13]) else {
      throw BenchmarkFailure("/proc/\(process)/stat is not what it should be")
    }
    return (user + system) * (1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
  }
}
