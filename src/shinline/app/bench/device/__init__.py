"""``shinline bench --device``: how long this machine keeps up, as a report that can be posted."""
