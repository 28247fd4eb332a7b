"""The loop on its own: what it does with failures, bugs and late answers."""
