"""The election: what one replica does, and that never two of them write."""
