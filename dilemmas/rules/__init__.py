"""The rules of games: pure functions over arrays, with one round loop."""
