"""The spans of runs, and a receiver of OpenTelemetry's protocol to send them to."""
