import Glibc

/// This process's own limit of open descriptors.
enum DescriptorLimit {
  /// Raises the soft limit to the hard one and returns it.
  @discardableResult
  static func raise() throws -> Int {
    var limit = rlimit()
    try check(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit), "getrlimit")
    limit.rlim_cur = limit.rlim_max
    try check(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit), "setrlimit")
    return Int(clamping: limit.rlim_cur)
  }
}
