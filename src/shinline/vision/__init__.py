"""Pictures and search windows in, DETECTION rows out: ring targets, plate rims, the room."""
