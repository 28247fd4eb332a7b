"""observe: indexes of what there is."""
