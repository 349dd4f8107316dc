/// Bounds of what stores answer with.
public enum StoreLimits {
  /// So many bytes of records are in one answer, and one more record: they are held beside the memory that a cache may
  /// have. Of a server some dozens of records are asked for at once, since it is not known before how large they are.
  public static let answerBytes = 8 << 20
}
