/// A file's permissions (chmod(2)).
public enum FileMode {
  /// As people write them: four octal digits.
  public static func text(_ mode: UInt32) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
