"""The doctor, with a cluster in memory that can be made ill."""
