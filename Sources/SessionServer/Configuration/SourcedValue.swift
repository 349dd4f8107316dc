/// A setting's value as it was written, and where, for the error that may be made of it.
struct SourcedValue: Equatable, Sendable {
  let setting: Setting
  let text: String
  let origin: Origin

  enum Origin: Equatable, Sendable {
    case flag
    case environment
    case file(path: String, line: Int)
  }

  /// How errors begin: `--ttl`, `SESSIOND_TTL`, or `/etc/sessiond/sessiond.conf, line 3: ttl`.
  var source: String {
    guard case .file = origin else { return place }
    return "\(place): \(setting.name)"
  }

  /// Where it stands: `--ttl`, `SESSIOND_TTL`, or `/etc/sessiond/sessiond.conf, line 3`.
  var place: String {
    switch origin {
    case .flag: setting.flag
    case .environment: setting.environmentName
    case .file(let path, let line): "\(path), line \(line)"
    }
  }
}
