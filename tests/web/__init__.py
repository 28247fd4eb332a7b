"""The web server's tests: the real app in this process, on real databases, before an API server in memory."""
