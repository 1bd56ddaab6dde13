"""The device: camera, clock, releases. Imported only by entry point, never by ``shinline``."""
