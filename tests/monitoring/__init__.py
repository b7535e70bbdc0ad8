"""Alerts and dashboard of the chart, by Prometheus' own tool."""
