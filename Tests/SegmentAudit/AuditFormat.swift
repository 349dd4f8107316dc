/// The written format, version 4, as constants of the audit's own.
enum AuditFormat {
  static let magic: UInt64 = 0x444E_4F49_5353_4553
  static let format = 4
  static let pageBytes = 4096

  enum Header {
    static let magic = 0
    static let format = 8
    static let size = 16
    static let id = 24
    static let seed = 40
    static let sparePage = 56
    static let lifetime = 64
    static let superseded = 72
    static let boot = 80
    static let lastVersion = 128
    static let lastEvent = 136
    /// Which records a rename under way is about; nothing while the last of the three words is zero.
    static let renaming = 192..<216
    static let secondMagic = 4088
  }

  static let shardTable = 4096
  static let shardBytes = 64
  static let shardsMost = 1024

  enum Bucket {
    static let slots = 336
    static let entriesMost = 294
    static let counts = 0
    static let earliestDue = 8
    static let reserved = 16..<64
    static let words = 64
    static let dueTicks = 2752
  }
  /// So many bits of a tag choose a page.
  static let directoryBits = 15
  static let tagBits = 24
  static let dueTickNanoseconds: Int64 = 250_000_000

  enum Record {
    static let stamp = 0
    static let deadline = 8
    static let created = 16
    static let ttl = 24
    static let size = 32
    static let checksum = 36
    static let idLength = 40
    static let kind = 41
    static let tags = 42
    static let tagBytes = 44
    static let fields = 46
    static let headerBytes = 48
    static let fieldHeaderBytes = 6
    static let versionBits = 56
    static let versionMost: UInt64 = 1 << 53
    static let tagsMost = 64

    enum Kind: UInt8 {
      case session = 0
      case mark = 1
      case alias = 2
      case absence = 3
    }
  }

  /// The sizes of blocks in their order: 64 to 512 bytes in steps of 16, then sixteen steps in each
  /// doubling up to 32 KiB.
  static let blockSizes: [Int] = {
    var sizes = Array(stride(from: 64, through: 512, by: 16))
    var octave = 512
    while octave < 32 * 1024 {
      sizes += (1...16).map { octave + $0 * octave / 16 }
      octave *= 2
    }
    return sizes
  }()
  /// What stands for a run that is one large block.
  static let largeBlock = 127

  /// The class for so many bytes, nil for a large block.
  static func sizeClass(holding bytes: Int) -> Int? { blockSizes.firstIndex { $0 >= bytes } }
}
