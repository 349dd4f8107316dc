import SessionClient
import SessionctlKit

/// A look at some sessions' times, and at how many there are. Slides nothing.
enum SessionExamination {
  /// So many sessions' times tell what is usual.
  private static let timesMost = 100
  /// So many pages are listed to count sessions, with 1,000 of them each; with more there is no count.
  private static let pagesMost = 50
  private static let pageMost = 1000

  static func facts(_ client: SessionClient) async throws -> Known<SessionFacts> {
    var idleTimes: [Double] = []
    var listed = 0
    var next: String?
    do {
      for page in 0..<pagesMost {
        let found = try await client.list(after: next, limit: pageMost)
        listed += found.sessions.count
        next = found.next
        if page == 0 {
          for session in found.sessions.prefix(timesMost) {
            if let info = try await client.info(session) { idleTimes.append(info.idle) }
          }
        }
        if next == nil { break }
      }
    } catch SessionError.denied {
      return .unknown("only the role admin may list sessions")
    } catch SessionError.timedOut {
      // To list is to have everything saved first, which a slow store takes its time for.
      return .unknown("the daemon did not list them in time")
    } catch let error as SessionError {
      // A daemon that is gone by now is told of by who asks it next.
      return .unknown("listing them failed: \(error)")
    }
    return .known(SessionFacts(idleTimes: idleTimes, listed: next == nil ? listed : nil))
  }
}
