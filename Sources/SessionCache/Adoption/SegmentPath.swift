import Glibc
import SystemCalls

/// The names of a segment's file and of those beside it.
struct SegmentPath {
  let path: String

  /// A segment in the making.
  var fresh: String { path + ".new" }

  private static let asideMark = ".set-aside-"

  /// The name for a file that is set aside at a moment, in seconds since 1970: the time in UTC, as ISO 8601
  /// writes it without separators.
  func aside(at seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
    return "\(path)\(Self.asideMark)\(date)T\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
  }

  /// Gives the file at the path another name, too, for when the fresh one takes its place.
  func link(as name: String) throws(SystemCallError) {
    // One of the same second is of the same start, or of one just before.
    guard unlink(name) == 0 || errno == ENOENT else { throw SystemCallError("unlink", errno) }
    _ = try systemCall("link") { Glibc.link(path, name) }
  }

  /// The fresh file takes the place of the one that may be there, in one step (rename(2)).
  func putFreshInPlace() throws(SystemCallError) {
    _ = try systemCall("rename") { rename(fresh, path) }
  }

  /// Removes what was set aside before `name`, so that files of no use don't fill the file system.
  func removeAside(but name: String) {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { String(path[..<$0]) } ?? "."
    let file = slash.map { String(path[path.index(after: $0)...]) } ?? path
    guard let list = opendir(directory.isEmpty ? "/" : directory) else { return }
    defer { closedir(list) }
    while let entry = readdir(list) {
      let found = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let candidate = slash == nil ? found : "\(directory)/\(found)"
      if found.hasPrefix(file + Self.asideMark), candidate != name { unlink(candidate) }
    }
  }
}
