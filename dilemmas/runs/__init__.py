"""One run wired together, many runs carried out, results kept and handed back."""
