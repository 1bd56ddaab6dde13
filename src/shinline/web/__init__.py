"""The pages: live cues for the phone, the review of past sessions, and their server."""
