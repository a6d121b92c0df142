"""Books that come from elsewhere: read whole, previewed, taken once or not at all."""
