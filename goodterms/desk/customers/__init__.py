"""The room of the customers: who they are, how each wants to be treated, and how both sides of it stand."""
