import SessionClient

/// Counts a visit of a session and says how many there were, from however many processes: `visits SESSION [ARTICLE]`. With an
/// article it goes into the session's cart.
@main
struct Visits {
  struct Item: Codable {
    var article: String
    var amount: Int
  }

  static func main() async throws {
    let words = CommandLine.arguments.dropFirst()
    guard let session = words.first, words.count <= 2 else {
      return print("usage: visits SESSION [ARTICLE]")
    }
    // SESSIOND_SOCKET, or where a daemon usually listens.
    let sessions = SessionClient()
    let visits = try await sessions.increment(session, "visits")
    print("\(session): visit \(visits)")
    if let article = words.dropFirst().first {
      // Read, changed and written again if another process was faster.
      try await sessions.update(session, "cart", as: [Item].self) { cart in
        var items = cart ?? []
        if let known = items.firstIndex(where: { $0.article == article }) {
          items[known].amount += 1
        } else {
          items.append(Item(article: article, amount: 1))
        }
        cart = items
      }
    }
    // Out of the daemon's memory, without a request.
    let cart: [Item]? = try await sessions.get(session, "cart")
    for item in cart ?? [] { print("  \(item.amount) × \(item.article)") }
  }
}
