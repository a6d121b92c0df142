"""What was agreed about when and how to pay, version by version."""
