import Glibc
import SystemCalls

/// Whom to log in as at a store, and by what password. No description of it shows the password.
public struct StoreCredentials: Sendable, Equatable {
  /// nil: the server's default user.
  public let user: String?
  public let password: String

  /// Why a file has no credentials to use: a line that names the file and never its contents.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// Far more than a user and a password take.
  private static let fileBytesMost = 4096

  public init(user: String?, password: String) {
    self.user = user
    self.password = password
  }

  /// Reads a file of one line, `password` or `user:password`, with or without its end. The first colon ends the user's
  /// name, so a password with a colon wants a user before it (`default:` for the default user).
  ///
  /// The file is refused if users other than its owner and its group may read it, or others than the owner may write.
  /// (systemd lets the service read a credential by an access control list, whose mask shows as the group's rights.)
  public init(file path: String) throws(Failure) {
    let descriptor: Descriptor
    do throws(SystemCallError) {
      // Without O_NONBLOCK the open of a pipe would wait for whoever writes to it.
      descriptor = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
    } catch {
      throw Failure(description: "\(path): \(error)")
    }
    try Self.check(descriptor, path)
    try self.init(line: try Self.contents(of: descriptor, path), path: path)
  }
}

extension StoreCredentials {
  /// Understands the bytes of a file.
  init(line bytes: [UInt8], path: String) throws(Failure) {
    var line = bytes[...]
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    guard let text = String(validating: line, as: UTF8.self),
      text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else {
      throw Failure(description: "\(path): credentials are one line of text, password or user:password")
    }
    let user = text.firstIndex(of: ":").map { text[..<$0] }
    let password = user.map { text.dropFirst($0.count + 1) } ?? text[...]
    guard !password.isEmpty, user?.isEmpty != true else {
      throw Failure(
        description:
          "\(path): the \(password.isEmpty ? "password" : "user's name before the colon") is missing")
    }
    self.init(user: user.map(String.init), password: String(password))
  }

  private static func check(_ descriptor: borrowing Descriptor, _ path: String) throws(Failure) {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else {
      throw Failure(description: "\(path): \(SystemCallError("fstat", errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(description: "\(path): it is no regular file")
    }
    guard status.st_mode & 0o004 == 0 else {
      throw Failure(description: "\(path): everybody may read it; chmod o-rwx makes it a secret")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw Failure(description: "\(path): others than its owner may write it; chmod go-w prevents that")
    }
  }

  private static func contents(of descriptor: borrowing Descriptor, _ path: String) throws(Failure) -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: fileBytesMost)
    do throws(SystemCallError) {
      let count = try systemCall("read") { read(descriptor.number, &bytes, bytes.count) }
      guard count < fileBytesMost else { throw SystemCallError("read", EFBIG) }
      return Array(bytes[..<count])
    } catch {
      throw Failure(description: "\(path): \(error)")
    }
  }
}

extension StoreCredentials: CustomStringConvertible, CustomReflectable {
  public var description: String { "credentials of \(user ?? "the default user")" }

  public var customMirror: Mirror { Mirror(self, children: ["user": user as Any]) }
}
