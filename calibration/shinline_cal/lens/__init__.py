"""``shinline calibrate lens``: focal length, middle and distortion from pictures of the chart."""
