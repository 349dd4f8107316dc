extension LocalSessions: SessionStoring {}
