import SessionClient
import SystemCalls

/// The file system that the sessions lie on.
enum SegmentChecks {
  static func findings(_ segment: SegmentFacts, _ memory: ServerStatistics.Memory) -> [Finding] {
    var findings: [Finding] = []
    if !segment.fileSystem.isMemory {
      findings.append(
        Finding(
          .segmentFileSystem,
          "The segment, which holds the sessions, is on a disk (\(segment.fileSystem.name)) and not on a file system in memory: "
            + "the kernel writes it out again and again, and requests wait for that.",
          remedy: "Name a segment on a tmpfs, such as /run/sessiond/segment, with the setting segment."))
    }
    // All bytes that it may take beyond those that it has.
    let missing = memory.limit - segment.bytesTaken - segment.bytesFree
    if missing > 0 {
      findings.append(
        Finding(
          .segmentRoom,
          "max-memory is \(Shown.bytes(memory.limit)), but the segment's file system has room for "
            + "\(Shown.bytes(segment.bytesTaken + segment.bytesFree)) of it: writes are refused before the cache is full.",
          remedy: "Make the file system larger (mount -o remount,size=…), or lower max-memory."))
    }
    return findings
  }
}
