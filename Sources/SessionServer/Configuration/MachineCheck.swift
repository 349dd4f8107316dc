import Glibc
import SessionWire
import SystemCalls

/// Whether a configuration can work on this machine: what no single text of it tells.
struct MachineCheck {
  /// What can't work, a line each.
  private(set) var problems: [String] = []
  /// What works, but hardly as it was meant.
  private(set) var warnings: [String]

  private let settled: SettledConfiguration
  private let machine: Machine

  init(_ settled: SettledConfiguration, on machine: Machine = .system) {
    self.settled = settled
    self.machine = machine
    warnings = settled.warnings
    checkSegment()
  }

  private var configuration: ServerConfiguration { settled.configuration }

  private mutating func checkSegment() {
    let segment = configuration.segment
    let directory = Self.directory(of: segment)
    let files: Machine.FileSystem
    do throws(SystemCallError) {
      files = try machine.fileSystem(directory)
    } catch {
      // Anything else the start itself meets, and says.
      guard [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(error.code) else { return }
      return problems.append(
        "\(settled.source(.segment)): '\(segment)' can't be made: \(directory): \(String(cString: strerror(error.code)))"
      )
    }
    if !files.isMemory { checkDisk(segment) }
    if let bytes = files.bytes {
      let place = files.isMemory ? "tmpfs" : "file system"
      compare(bytes, "the \(place) of the segment \(segment) has \(bytes >> 20)M in all")
    }
    let beside = DaemonFootprint.bytesBeside(configuration.maxMemory)
    let memory = machine.memory()
    // Half of it, since the machine has something to do besides.
    if beside > memory / 2 {
      compare(0, "the daemon itself takes \(beside >> 20)M beside it, and the machine has \(memory >> 20)M")
    }
    // What lies on a disk the kernel can put back there.
    if files.isMemory, let bytes = machine.memoryLimit() {
      let left = max(0, bytes - beside)
      compare(left, "this service's memory limit (MemoryMax=) of \(bytes >> 20)M leaves \(left >> 20)M")
    }
  }

  /// Nobody is refused a start for a place that he did not name.
  private mutating func checkDisk(_ segment: String) {
    guard configuration.segmentOnDisk == .refuse else { return }
    let finding =
      "\(settled.source(.segment)): '\(segment)' is on a disk, which all changes of sessions wear and slow down; "
      + "better a tmpfs, such as /run"
    if settled.values[.segment] == nil {
      warnings.append(finding)
    } else {
      problems.append("\(finding), or segment-on-disk=allow")
    }
  }

  /// What nobody asked for is no reason not to start.
  private mutating func compare(_ most: Int, _ room: String) {
    guard configuration.maxMemory > most else { return }
    let wanted = configuration.text(.maxMemory)
    if settled.values[.maxMemory] == nil {
      warnings.append("max-memory: the default, \(wanted), is never reached: \(room)")
    } else {
      problems.append("\(settled.source(.maxMemory)): '\(wanted)' is too much: \(room)")
    }
  }

  /// Where a file lies, as dirname(3) has it.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
