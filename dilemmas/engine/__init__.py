"""Drivers of the round loop, luck, records, and expected payoffs without play."""
