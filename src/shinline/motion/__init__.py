"""DETECTION rows in, STATE rows out: the live filter, and the smoother used when a rep ended."""
