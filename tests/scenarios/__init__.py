"""One story each: the real store, deciders and loop on the in-memory cluster, in virtual time, until nothing moves."""
