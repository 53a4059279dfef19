"""What a language model is to a seat; nothing here yet."""
