"""The desk's room for what is to be billed: finished work, projects, and what comes again by a schedule."""
