"""The words of Slipway: resources, states, names, snapshots and actions. Imports nothing of ours."""
