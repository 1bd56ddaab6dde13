"""The device: camera, clock, light. Imported only by entry point, never by ``shinline``."""
