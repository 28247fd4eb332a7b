"""Slipway beside bare Pods on the local cluster: `python -m tests.bench`."""
