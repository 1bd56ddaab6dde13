"""Where frames come from when there is no device: recordings, and anything that renders."""
