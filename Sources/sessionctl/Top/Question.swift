import SessionClient
import SessionctlKit
internal import Synchronization

/// A question to the daemon that is under way while its asker does something else, and looks now and then whether it
/// is answered. (To wait for both in a way that takes a thread would not do: there may be only one.)
final class Question: Sendable {
  private let result = Mutex<Result<DaemonReport, any Error>?>(nil)

  init(to client: SessionClient) {
    Task { await self.ask(client) }
  }

  private func ask(_ client: SessionClient) async {
    do {
      let report = try await client.stats(as: DaemonReport.self)
      result.withLock { $0 = .success(report) }
    } catch {
      result.withLock { $0 = .failure(error) }
    }
  }

  var isAnswered: Bool { result.withLock { $0 != nil } }

  /// nil as long as there is none.
  ///
  /// - Throws: why there will be none, a `SessionError`.
  var answer: DaemonReport? {
    get throws { try result.withLock { $0 }?.get() }
  }
}
