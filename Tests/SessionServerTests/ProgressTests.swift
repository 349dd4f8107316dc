import Testing

@testable import SessionServer

@Suite("Progress")
struct ProgressTests {
  @Test("is proved only by an answer that comes after the question")
  func answers() {
    let progress = Progress(name: "thread")
    #expect(progress.hasAnswered)
    progress.ask()
    #expect(!progress.hasAnswered)
    progress.answer()
    #expect(progress.hasAnswered)
    progress.answer()
    progress.ask()
    #expect(!progress.hasAnswered)
  }

  @Test("is proved for all questions by one answer")
  func severalQuestions() {
    let progress = Progress(name: "thread")
    for _ in 0..<3 { progress.ask() }
    progress.answer()
    #expect(progress.hasAnswered)
  }
}
