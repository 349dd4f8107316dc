import Testing

/// Tests that change what belongs to the whole process, or that such a change disturbs: the umask, for a
/// moment, whenever a socket is bound; the environment and the locks that a child starts with. They run
/// one at a time.
@Suite("One at a time:", .serialized)
enum ProcessWide {}
