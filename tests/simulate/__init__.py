"""The cluster in memory keeps the API server's rules that Slipway leans on."""
