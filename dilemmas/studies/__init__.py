"""Published data and studies."""
