import Testing

/// `#expect` for what changes a value as it is asked for, which the macro can't take apart.
func check(_ condition: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(condition, sourceLocation: sourceLocation)
}
