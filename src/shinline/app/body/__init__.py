"""The lifter's joints from a pose network that somebody supplies; never required."""
