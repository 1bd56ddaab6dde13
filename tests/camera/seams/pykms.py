"""Not real: the display. picamera2 imports its preview windows whether they are used or not."""


class PixelFormat:
    """Where the preview looks its formats up."""

    RGB888 = BGR888 = XRGB8888 = XBGR8888 = YUV420 = YVU420 = YUYV = YVYU = UYVY = VYUY = None
    NV12 = NV21 = RGBX8888 = BGRX8888 = ARGB8888 = ABGR8888 = None
