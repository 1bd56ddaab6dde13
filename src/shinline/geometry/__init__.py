"""Pixels to metres and back, and the shapes of the targets."""
