"""Questions that show whether a model understands a game, with answers that the rules themselves compute."""
