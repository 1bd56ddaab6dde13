"""Fixtures that the end-to-end tests share."""

from browser import chromium, complaints, phone, phone_tab
from mount_live import mount_url, mounting, standin
from pages_live import device, live, mosquitto, url

__all__ = [
    "chromium",
    "complaints",
    "device",
    "live",
    "mosquitto",
    "mount_url",
    "mounting",
    "phone",
    "phone_tab",
    "standin",
    "url",
]
