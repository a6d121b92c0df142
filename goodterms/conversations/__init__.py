"""Questions, disputes, promises and extensions, with the clock of our answer."""
