"""The model: shapes, names, and what may be read of an object."""
