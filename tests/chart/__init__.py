"""The Helm chart, rendered by Helm's own code without a cluster."""
