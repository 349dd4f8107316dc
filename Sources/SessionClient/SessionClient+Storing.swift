extension SessionClient: SessionStoring {}
