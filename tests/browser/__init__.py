"""The UI in a real Chromium: on a made history without a cluster, and on the real cluster with real runs."""
