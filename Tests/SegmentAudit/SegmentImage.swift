import Glibc

/// A copy of a segment's file in memory that nobody else can change: what an audit looks at, and what
/// tests plant flaws in.
public final class SegmentImage {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// The file's size in bytes.
  public let size: Int
  // Unsafe memory: `size` bytes of this object's own, which go with it. Every access is checked.
  private let base: UnsafeMutableRawPointer

  private static let pageBytes = 4096
  // lseek(2): Glibc's module shows neither.
  private static let seekData: Int32 = 3
  private static let seekHole: Int32 = 4

  /// Copies a file, its holes as zeros. Whoever writes to it has to be stopped meanwhile.
  public init(copying path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("open \(path)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("fstat \(path)") }
    size = Int(status.st_size)
    base = try Self.memory(size)
    var place = 0
    while place < size {
      let start = lseek(descriptor, place, Self.seekData)
      // No data behind this place.
      if start < 0, errno == ENXIO { break }
      let end = start < 0 ? -1 : lseek(descriptor, start, Self.seekHole)
      guard end > start else { throw Self.failure("lseek \(path)") }
      place = start
      while place < end {
        let count = pread(descriptor, base + place, end - place, place)
        guard count > 0 else { throw Self.failure("pread \(path)") }
        place += count
      }
    }
  }

  /// A copy that can be changed without changing this one.
  public init(copying other: SegmentImage) throws {
    size = other.size
    base = try Self.memory(size)
    for page in other.pagesInUse { memcpy(base + page.lowerBound, other.base + page.lowerBound, page.count) }
  }

  deinit { munmap(base, max(size, 1)) }

  private static func memory(_ size: Int) throws -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = mmap(nil, max(size, 1), PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let address, address != MAP_FAILED else { throw failure("mmap") }
    return address
  }

  private static func failure(_ call: String) -> Failure {
    Failure(description: "\(call): \(String(cString: strerror(errno)))")
  }

  /// Writes the image to a file, holes where nothing is; `count` bytes of it, or all.
  public func write(to path: String, count: Int? = nil) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure("open \(path)") }
    defer { close(descriptor) }
    let end = min(count ?? size, size)
    guard ftruncate(descriptor, count ?? size) == 0 else { throw Self.failure("ftruncate \(path)") }
    for page in pagesInUse where page.lowerBound < end {
      let bytes = min(page.upperBound, end) - page.lowerBound
      guard pwrite(descriptor, base + page.lowerBound, bytes, page.lowerBound) == bytes else {
        throw Self.failure("pwrite \(path)")
      }
    }
  }

  /// The places of the pages that hold anything, the last one perhaps short.
  public var pagesInUse: [Range<Int>] {
    stride(from: 0, to: size, by: Self.pageBytes).compactMap { start in
      let page = start..<min(start + Self.pageBytes, size)
      return isZero(page) ? nil : page
    }
  }

  // MARK: Reading

  public func byte(_ offset: Int) -> UInt8 { load(offset, as: UInt8.self) }
  public func short(_ offset: Int) -> UInt16 { load(offset, as: UInt16.self) }
  public func half(_ offset: Int) -> UInt32 { load(offset, as: UInt32.self) }
  public func word(_ offset: Int) -> UInt64 { load(offset, as: UInt64.self) }

  private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Number.Type) -> Number {
    precondition(offset >= 0 && offset <= size - MemoryLayout<Number>.size, "outside the image: \(offset)")
    return Number(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The bytes of a place within the image. They must not be used after the call.
  public func withBytes<Result>(_ place: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    precondition(place.lowerBound >= 0 && place.upperBound <= size, "outside the image: \(place)")
    return body(UnsafeRawBufferPointer(start: base + place.lowerBound, count: place.count))
  }

  public func isZero(_ place: Range<Int>) -> Bool {
    withBytes(place) { bytes in
      guard let first = bytes.first, let start = bytes.baseAddress else { return true }
      // Every byte is like the one before it.
      return first == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
    }
  }

  // MARK: Changing, for tests

  public func set(_ offset: Int, byte: UInt8) { store(offset, byte) }
  public func set(_ offset: Int, short: UInt16) { store(offset, short) }
  public func set(_ offset: Int, half: UInt32) { store(offset, half) }
  public func set(_ offset: Int, word: UInt64) { store(offset, word) }

  /// Copies some bytes of the image to another place in it.
  public func copy(_ place: Range<Int>, to offset: Int) {
    precondition(place.lowerBound >= 0 && place.upperBound <= size && offset >= 0)
    precondition(offset + place.count <= size, "outside the image: \(offset)")
    memmove(base + offset, base + place.lowerBound, place.count)
  }

  private func store<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ number: Number) {
    precondition(offset >= 0 && offset <= size - MemoryLayout<Number>.size, "outside the image: \(offset)")
    base.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
  }
}
