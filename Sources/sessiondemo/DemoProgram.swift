import SessionClient

/// A demonstration: `sessiondemo SOCKET` starts two client processes that log in with one shared session
/// and fill one cart from both sides at the same time. Then it checks that nothing was lost.
@main
enum DemoProgram {
  static func main() async {
    let arguments = CommandLine.arguments
    do {
      switch arguments.count {
      case 2:
        try await Demonstration(socket: arguments[1]).run()
      case 4:
        try await Device(socket: arguments[1], name: arguments[2], session: arguments[3]).run()
      default:
        throw DemoFailure("usage: sessiondemo SOCKET")
      }
    } catch {
      complain("sessiondemo: \(error)")
      leave(1)
    }
  }
}

/// What went wrong, for a person.
struct DemoFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
