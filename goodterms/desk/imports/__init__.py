"""The pages on which a book from elsewhere is taken over."""
