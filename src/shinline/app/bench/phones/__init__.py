"""The whole way to the phones, measured on the program itself: latency of cues, and endurance."""
