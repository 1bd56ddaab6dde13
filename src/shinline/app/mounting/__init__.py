"""The device's side of the mounting assistant: what is seen, what it is worth, what to do."""
