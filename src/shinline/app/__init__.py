"""The composition root: source to engine to sinks, one module per command."""
