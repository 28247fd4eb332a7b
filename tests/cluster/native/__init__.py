"""The bare machine -> a cluster built from source, whose parts run as processes."""
