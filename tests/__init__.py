"""Tests: the packages mirror `controller`; scenarios, properties, house, cluster, e2e and bench stand beside them."""
