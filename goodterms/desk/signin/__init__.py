"""How people at work come in: passkey, or password and second factor; their links, their sessions, the sample's people."""
