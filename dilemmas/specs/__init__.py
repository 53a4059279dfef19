"""Files that people write: found, read, checked."""
