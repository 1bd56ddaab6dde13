"""From the bar's motion to phases, reps, faults and cues."""
