"""Everything together on the real cluster: installation, examples, faults."""
