"""Django's PostgreSQL backend, which joins the embedded server when a connection is first needed."""
