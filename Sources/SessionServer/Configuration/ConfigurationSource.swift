import Glibc
import SystemCalls

/// Where settings come from: flags go before the environment, and that before the file. It can be asked
/// again, since the file may have changed.
public struct ConfigurationSource: Sendable {
  /// The file that is read where it exists and no other is named.
  public static let defaultPath = "/etc/sessiond/sessiond.conf"
  /// Far more than a file with every setting has.
  private static let fileBytesMost = 1 << 20

  private let flags: [Setting: String]
  private let environment: [String: String]
  /// The file named with `--config` or `SESSIOND_CONFIG`.
  private let path: String?

  public init(flags: [Setting: String], config: String?, environment: [String: String]) {
    self.flags = flags
    self.environment = environment
    path = config ?? environment["SESSIOND_CONFIG"]
  }

  /// This process's environment.
  public static var processEnvironment: [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        result[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return result
  }

  public func read() throws(ConfigurationError) -> ServerConfiguration {
    var values = try file()?.values ?? [:]
    for setting in Setting.allCases {
      if let text = environment[setting.environmentName] {
        values[setting] = SourcedValue(text: text, source: setting.environmentName)
      }
      if let text = flags[setting] { values[setting] = SourcedValue(text: text, source: setting.flag) }
    }
    return try SettingReader(values: values, defaults: defaults).configuration()
  }

  private var defaults: SettingReader.Defaults {
    SettingReader.Defaults(
      socket: RuntimePaths.defaultSocket(environment: environment, uid: getuid()),
      runtimeDirectory: environment["RUNTIME_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 },
      cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  private func file() throws(ConfigurationError) -> ConfigurationFile? {
    let path = self.path ?? Self.defaultPath
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try Self.contents(of: path)
    } catch {
      // The default file is read where it exists.
      if self.path == nil, error.code == ENOENT { return nil }
      throw ConfigurationError("\(path): \(error)")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]  // some editors put it before UTF-8
    let body = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw ConfigurationError("\(path): the file is not UTF-8")
    }
    return try ConfigurationFile(path: path, text: text)
  }

  private static func contents(of path: String) throws(SystemCallError) -> [UInt8] {
    let descriptor = try Descriptor.open(path, O_RDONLY)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while bytes.count < fileBytesMost {
      let count = try systemCall("read") { Glibc.read(descriptor.number, &chunk, chunk.count) }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
    throw SystemCallError("read", EFBIG)
  }
}
