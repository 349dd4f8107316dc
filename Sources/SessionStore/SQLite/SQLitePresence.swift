import Glibc
import SystemCalls

/// Which files a database consists of while it is open, to notice that others have taken their places, or none: what
/// is written to a file that has no name any more is gone when it is closed, and no call of SQLite says so.
struct SQLitePresence {
  enum Finding: Equatable {
    case present
    /// The database is there, and a file beside it is not, by which others know that it is in use and what is in it.
    case incomplete
    /// - leavesLog: whether its log lies there still.
    case gone(leavesLog: Bool)

    var isGone: Bool { if case .gone = self { true } else { false } }
  }

  private struct Place {
    let path: String
    let device: dev_t
    let file: ino_t
  }

  /// The database first, then its log.
  private let places: [Place]

  /// Notes what is at the path and beside it.
  ///
  /// - Parameter file: the database that is open.
  init(path: String, file: SharedDescriptor?) {
    places = ["", "-wal", "-shm", "-lock"].map { suffix in
      var status = stat()
      let isOpen = suffix.isEmpty && file.map { fstat($0.number, &status) == 0 } == true
      // What is not there now is not found later: no file has the number 0.
      if !isOpen, lstat(path + suffix, &status) != 0 { status = stat() }
      return Place(path: path + suffix, device: status.st_dev, file: status.st_ino)
    }
  }

  /// Some microseconds of lstat(2).
  func look() -> Finding {
    guard let place = places.firstIndex(where: { !Self.isThere($0) }) else { return .present }
    return place == 0 ? .gone(leavesLog: Self.isThere(places[1])) : .incomplete
  }

  private static func isThere(_ place: Place) -> Bool {
    var status = stat()
    guard lstat(place.path, &status) == 0 else {
      // Anything else says nothing of the file.
      return errno != ENOENT && errno != ENOTDIR
    }
    return status.st_ino == place.file && status.st_dev == place.device
  }
}
