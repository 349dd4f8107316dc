import SessionWire

/// Does with its buffer what a connection does: feeds a line reader in pieces and keeps what is left of
/// a line.
struct StreamCutter {
  enum Step: Equatable {
    case line(String)
    case tooLong
  }

  private(set) var reader: LineReader
  private(set) var steps: [Step] = []
  /// The beginning of a line that is kept until its end comes.
  private(set) var kept: [UInt8] = []

  init(limit: Int) { reader = LineReader(limit: limit) }

  mutating func feed(_ piece: some Sequence<UInt8>) {
    let bytes = kept + piece
    var position = 0
    while true {
      switch reader.next(in: bytes.span, from: &position) {
      case .line(let range): steps.append(.line(String(decoding: bytes[range], as: UTF8.self)))
      case .tooLong: steps.append(.tooLong)
      case .incomplete:
        kept = [UInt8](bytes[position...])
        return
      }
    }
  }
}
