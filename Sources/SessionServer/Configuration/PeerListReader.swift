/// Understands a list of peers: `all`, `none`, or users and groups with commas between them, a group with
/// `%` before it, each by name or number.
enum PeerListReader {
  /// What is wrong with a list.
  struct Failure: Error {
    let description: String
  }

  static func read(_ text: String) throws(Failure) -> PeerList {
    switch text {
    case "all": return .everybody
    case "none": return .nobody
    default: break
    }
    var users: Set<UInt32> = []
    var groups: Set<UInt32> = []
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = trim(entry)
      guard !name.isEmpty, name != "%" else {
        throw Failure(description: "\(ValueText.quoted(text)) has an entry without a name")
      }
      guard name != "all", name != "none" else {
        throw Failure(description: "\(ValueText.quoted(text)): 'all' and 'none' stand alone")
      }
      if name.first == "%" {
        groups.insert(try number(name.dropFirst(), "group", Accounts.group))
      } else {
        users.insert(try number(name, "user", Accounts.user))
      }
    }
    return .these(users: users, groups: groups)
  }

  private static func number(
    _ name: Substring, _ kind: StaticString, _ lookUp: (String) throws(Accounts.Failure) -> UInt32?
  ) throws(Failure) -> UInt32 {
    if name.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) {
      // The largest number means no user and no group in system calls.
      guard let number = UInt32(name), number != .max else {
        throw Failure(description: "there is no \(kind) \(name): numbers go to 4294967294")
      }
      return number
    }
    do throws(Accounts.Failure) {
      if let number = try lookUp(String(name)) { return number }
    } catch {
      throw Failure(
        description: "the \(kind) \(ValueText.quoted(name)) can't be looked up: \(error.description)")
    }
    throw Failure(description: "there is no \(kind) \(ValueText.quoted(name))")
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}
