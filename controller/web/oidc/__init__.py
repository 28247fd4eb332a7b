"""Signing in by OpenID Connect: the provider's token goes to the API server just as a pasted one does."""
