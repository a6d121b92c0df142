"""Exchange rates: what was published, what was given by hand, and which rate a document or a payment keeps."""
