"""``shinline bench``: how fast, how exactly and how surely markers are found, beside peers."""
