"""Metrics, figures, terminal tables and citations, all from the results files alone."""
