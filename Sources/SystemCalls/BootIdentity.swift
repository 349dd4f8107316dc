import Glibc

/// Which boot of the machine this is: the kernel makes a random number at each (proc_sys_kernel(5),
/// random/boot_id).
public struct BootIdentity: Sendable, Equatable {
  public let first: UInt64
  public let second: UInt64

  public init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }

  /// The current one; nil where /proc does not show it, as under `ProcSubset=pid`.
  public static func current() -> BootIdentity? {
    var bytes = [UInt8](repeating: 0, count: 64)
    guard let file = try? Descriptor.open("/proc/sys/kernel/random/boot_id", O_RDONLY) else { return nil }
    let count = read(file.number, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return BootIdentity(text: bytes[..<count])
  }

  /// 32 hexadecimal digits, with dashes among them.
  init?(text: ArraySlice<UInt8>) {
    let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == 32 else { return nil }
    first = digits[..<16].reduce(0) { $0 << 4 | UInt64($1) }
    second = digits[16...].reduce(0) { $0 << 4 | UInt64($1) }
  }
}
