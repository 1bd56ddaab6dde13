"""Fixtures that the end-to-end tests share."""

from browser import chromium, complaints, new_tab, phone, phone_tab
from mount_live import mount_url, mounting, standin
from pages_live import device, live, mosquitto, url
from set_live import desk, ready, set_url, sheet

__all__ = [
    "chromium",
    "complaints",
    "desk",
    "device",
    "live",
    "mosquitto",
    "mount_url",
    "mounting",
    "new_tab",
    "phone",
    "phone_tab",
    "ready",
    "set_url",
    "sheet",
    "standin",
    "url",
]
