import Glibc
import SystemCalls
import Testing

@testable import SessionStore

@Suite("The credentials of a store")
struct StoreCredentialsTests {
  /// Lets `body` read a file with this text and mode.
  private func read(_ text: String, mode: UInt32 = 0o600) throws -> StoreCredentials {
    let path = "/tmp/sessiond-credentials-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    defer { unlink(path) }
    do {
      let descriptor = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL)
      let bytes = Array(text.utf8)
      let count = try systemCall("write") { write(descriptor.number, bytes, bytes.count) }
      #expect(count == bytes.count)
      #expect(fchmod(descriptor.number, mode) == 0)
    }
    return try StoreCredentials(file: path)
  }

  private func failure(_ text: String, mode: UInt32 = 0o600) -> String? {
    do {
      _ = try read(text, mode: mode)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "are a line with a password, or a user and a password",
    arguments: [
      ("pass", nil, "pass"), ("pass\n", nil, "pass"), ("pass\r\n", nil, "pass"),
      ("web:pass\n", "web", "pass"),
      ("web:a:b c\n", "web", "a:b c"), ("default:a:b", "default", "a:b"), (" pass ", nil, " pass "),
      ("wéb:pässword\n", "wéb", "pässword"),
    ] as [(String, String?, String)])
  func good(text: String, user: String?, password: String) throws {
    #expect(try read(text) == StoreCredentials(user: user, password: password))
  }

  @Test("are refused if they are something else, without being shown")
  func bad() {
    for text in ["", "\n", "web:", "web:\n"] {
      #expect(failure(text)?.hasSuffix(": the password is missing") == true, "\(text)")
    }
    #expect(failure(":secret")?.hasSuffix(": the user's name before the colon is missing") == true)
    for text in ["secret\nsecret\n", "secret\n\n", "a\u{0}secret", "secret\t"] {
      let complaint = failure(text)
      #expect(complaint?.hasSuffix(": credentials are one line of text, password or user:password") == true)
      #expect(complaint?.contains("secret") == false)
    }
    #expect(failure(String(repeating: "a", count: 4096))?.hasSuffix("read: File too large") == true)
    #expect(failure(String(repeating: "a", count: 4095)) == nil)
  }

  @Test("are refused if everybody may read them, or others than the owner may write them")
  func modes() {
    for mode in [0o600, 0o400, 0o440, 0o640] as [UInt32] { #expect(failure("pass", mode: mode) == nil) }
    for mode in [0o604, 0o644, 0o444] as [UInt32] {
      #expect(failure("pass", mode: mode)?.contains("everybody may read it") == true)
    }
    for mode in [0o620, 0o602, 0o660] as [UInt32] {
      #expect(failure("pass", mode: mode)?.contains("others than its owner may write it") == true)
    }
  }

  @Test("are in a regular file that is there")
  func files() {
    for (path, complaint) in [
      ("/nowhere/store", "/nowhere/store: open: No such file or directory"),
      ("/tmp", "/tmp: it is no regular file"),
      ("/dev/null", "/dev/null: it is no regular file"),
    ] {
      #expect {
        try StoreCredentials(file: path)
      } throws: {
        "\($0)" == complaint
      }
    }
  }

  @Test("are not shown by what prints them")
  func descriptions() {
    let credentials = StoreCredentials(user: "web", password: "secret")
    var dumped = ""
    dump(credentials, to: &dumped)
    for text in [
      "\(credentials)", String(reflecting: credentials), String(describing: Optional(credentials)), dumped,
    ] {
      #expect(!text.contains("secret"))
      #expect(text.contains("web"))
    }
  }
}
