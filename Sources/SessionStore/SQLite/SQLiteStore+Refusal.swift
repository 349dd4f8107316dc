import Glibc
import SystemCalls

/// Whether a path is one for a store, asked without opening one.
extension SQLiteStore {
  /// Why `open` would find what lies at a path unfit, in the same words and as far as looking tells; nil: it would not.
  /// Nothing is made, locked or changed, and whether another daemon has it is not asked.
  ///
  /// Not for a path that this process has open: closing a descriptor of the file lets go of SQLite's locks (fcntl(2)).
  public static func refusal(at path: String) -> String? {
    var status = stat()
    let isThere = lstat(path, &status) == 0
    if isThere, status.st_mode & S_IFMT != S_IFREG { return "\(path): it is no regular file" }
    let lock = path + "-lock"
    if let error = OwnFile.foreseenFailure(lock) { return "\(lock): \(error)" }
    guard isThere else { return nil }
    if let error = OwnFile.foreseenFailure(path) { return "\(path): \(error)" }
    var lockStatus = stat()
    let isOurs = lstat(lock, &lockStatus) == 0 && lockStatus.st_size > 0
    return status.st_size > 0 ? refusal(ofFile: path, isOurs: isOurs) : nil
  }

  private static func refusal(ofFile path: String, isOurs: Bool) -> String? {
    do throws(SQLiteFailure) {
      return refusal(
        of: try SQLiteSchema.inspect(SQLiteConnection(path, .inspection, busyTimeout: 0)), at: path)
    } catch {
      if let finding = SQLiteSchema.inspect(head: head(of: path)) { return refusal(of: finding, at: path) }
      // Ours that is damaged is set aside; an error that is no damage may pass.
      return isOurs || !error.isDamage ? nil : SQLiteOpening.unknown(path, error).description
    }
  }

  private static func refusal(of finding: SQLiteSchema.Finding, at path: String) -> String? {
    finding.isRefused ? SQLiteOpening.refusal(of: finding, at: path).description : nil
  }

  /// None where it can't be read.
  private static func head(of path: String) -> [UInt8] {
    do throws(SystemCallError) {
      let descriptor = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      var bytes = [UInt8](repeating: 0, count: 100)
      let count = try systemCall("pread") { pread(descriptor.number, &bytes, bytes.count, 0) }
      return Array(bytes[..<count])
    } catch {
      return []
    }
  }
}
