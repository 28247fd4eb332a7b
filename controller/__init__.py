"""Slipway: Dags as Kubernetes resources, tasks as Pods, history in SQL."""

__version__ = "0.1.0"
