import Glibc

/// The Redis server that tests start for themselves, or Valkey, which goes on with it.
public enum RedisProgram {
  /// What it has to be called by. Debian's redis-tools has the program under another name, and without the service that
  /// the package redis-server would start; it does what the name says that it is called by.
  public static let name = "redis-server"

  /// What a test says that is skipped.
  public static let isWanted = "needs redis-server or valkey-server (in Debian redis-tools is enough)"

  /// Where it is; nil if this machine has none.
  public static let path: String? = {
    let searched = getenv("PATH").map { String(cString: $0) } ?? ""
    let directories = searched.split(separator: ":") + ["/usr/bin", "/usr/local/bin"]
    for name in [name, "valkey-server", "redis-check-rdb", "valkey-check-rdb"] {
      for directory in directories where access("\(directory)/\(name)", X_OK) == 0 {
        return "\(directory)/\(name)"
      }
    }
    return nil
  }()

  /// The words of its command line, for a server on a Unix socket and nowhere else, which makes no snapshots.
  public static func arguments(socket: String, directory: String) -> [String] {
    ["--port", "0", "--unixsocket", socket, "--dir", directory, "--daemonize", "no", "--save", ""]
  }
}
