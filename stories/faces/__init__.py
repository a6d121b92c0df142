"""The faces as a browser sees them: real pages on a real server, in Debian's Chromium."""
