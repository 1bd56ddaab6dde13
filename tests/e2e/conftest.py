"""Fixtures that the end-to-end tests share."""

from browser import chromium, complaints, phone, phone_tab
from pages_live import device, live, mosquitto, url

__all__ = ["chromium", "complaints", "device", "live", "mosquitto", "phone", "phone_tab", "url"]
