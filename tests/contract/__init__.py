"""One suite over two API servers: the real one, and the one in memory that must not drift from it."""
