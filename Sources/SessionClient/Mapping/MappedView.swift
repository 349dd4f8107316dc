internal import Glibc
internal import SessionSegment

/// The segment, mapped for reading.
struct MappedView {
  let reader: SegmentReader
  private let mapping: SegmentMapping
  /// The file, which no other file can pass for as long as it is mapped.
  let file: FileIdentity

  struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64
  }

  /// Why a file is not mapped although the daemon handed it out.
  struct Refusal: Error {}

  /// Maps the file behind a descriptor, which may be closed afterwards.
  ///
  /// - Parameter daemon: the user whom the other side of the connection runs as, by the kernel's word. The
  ///   file must belong to it; or to anybody where it is root: a socket that systemd made says root,
  ///   whoever serves it.
  init(mapping descriptor: Int32, from daemon: UInt32) throws(Refusal) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, daemon == 0 || status.st_uid == daemon else { throw Refusal() }
    file = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    do throws(SegmentError) {
      mapping = try SegmentMapping(readingFrom: descriptor)
      reader = try SegmentReader(mapping)
    } catch {
      throw Refusal()
    }
    // A daemon that has lost its file's place hands out what nobody changes any more.
    guard !reader.isSuperseded else { throw Refusal() }
  }

  /// Gives the file back; whoever reads it at this moment finds nothing.
  func retire() {
    do throws(SegmentError) {
      try mapping.retire()
    } catch {
      // Only for want of kernel memory. The file then stays mapped until the client goes, unused.
    }
  }
}
