"""Actions: what is sent to the API server, and what its answers mean."""
