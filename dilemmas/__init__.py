"""Where language models, scripted strategies and people meet in social dilemmas."""
