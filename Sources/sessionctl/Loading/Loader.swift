import SessionClient
import SessionctlKit

/// Restores sessions line by line, with many requests in flight.
struct Loader {
  /// Sessions that live already are counted, and not told.
  let skipsExisting: Bool
  /// The first line that fails is the last one.
  let stopsOnError: Bool

  private(set) var tally = LoadTally()
  private var bar: ProgressBar
  private var window = RequestWindow<LineOutcome>()
  /// The lines in flight, oldest first, by their numbers, with how many bytes the source had given with them.
  private var flight: [Position] = []
  private var hasFailed = false

  private struct Position {
    let line: Int
    let bytes: Int
  }

  /// - Parameter bytesTotal: of all lines together, if that is known.
  init(skipsExisting: Bool, stopsOnError: Bool, bytesTotal: Int?) {
    self.skipsExisting = skipsExisting
    self.stopsOnError = stopsOnError
    bar = ProgressBar(total: bytesTotal)
  }

  /// Loads every line, in their order.
  ///
  /// - Throws: `Failure` where the lines can't be read, or the daemon can't go on.
  mutating func load(_ source: inout LineSource, into client: SessionClient) async throws {
    defer {
      window.cancel()
      bar.hide()
    }
    var number = 0
    while !(stopsOnError && hasFailed) {
      // Whoever types the lines, or makes them slowly, hears at once what became of the last ones.
      while !window.isEmpty, window.isFull || source.isWaiting() { try await settle() }
      if stopsOnError, hasFailed { break }
      guard let line = try source.next() else { break }
      number += 1
      switch line {
      case .bytes(let bytes) where bytes.allSatisfy(Self.isSpace): continue
      case .bytes(let bytes): window.send { try await Self.restore(bytes, into: client) }
      case .tooLong:
        window.send { .failed("the line is longer than \(Shown.bytes(LineSource.lineBytesMax))") }
      }
      flight.append(Position(line: number, bytes: source.bytesTaken))
    }
    while !window.isEmpty { try await settle() }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private static func restore(_ line: [UInt8], into client: SessionClient) async throws -> LineOutcome {
    do {
      try await client.restore(line: line)
      return .loaded
    } catch let error as SessionError {
      guard let outcome = LineOutcome(error) else { throw error }
      return outcome
    }
  }

  /// Waits for the outcome of the oldest line in flight, and counts it.
  private mutating func settle() async throws {
    let position = flight.removeFirst()
    let outcome: LineOutcome
    do {
      outcome = try await window.next()
    } catch {
      throw abandoned(at: position.line, error)
    }
    switch outcome {
    case .loaded: tally.loaded += 1
    case .over: tally.over += 1
    case .existing where skipsExisting: tally.existing += 1
    case .existing(let version): fail(position.line, "the session exists already, at version \(version)")
    case .failed(let text): fail(position.line, text)
    }
    bar.show(position.bytes, tally)
  }

  private mutating func fail(_ line: Int, _ text: String) {
    tally.failed += 1
    hasFailed = true
    bar.hide()
    Terminal.complain("line \(line): \(text)")
  }

  /// The daemon is away, or does not take anything from this user.
  private func abandoned(at line: Int, _ error: any Error) -> any Error {
    guard let failure = Failure(error) else { return error }
    // Nothing was loaded, so there is nothing to go on with.
    if tally.lines == 0 { return failure }
    return Failure(
      failure.code,
      "line \(line): stopped here; the lines before it are done, and can be skipped with --skip-existing. "
        + failure.message)
  }
}
