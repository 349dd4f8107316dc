package import SystemCalls

/// The segment's file.
package struct SegmentFacts: Equatable, Sendable {
  let fileSystem: FileSystemType
  /// The bytes that the file takes there, and those that are free for its owner.
  let bytesTaken: Int
  let bytesFree: Int

  package init(fileSystem: FileSystemType, bytesTaken: Int, bytesFree: Int) {
    self.fileSystem = fileSystem
    self.bytesTaken = bytesTaken
    self.bytesFree = bytesFree
  }
}
