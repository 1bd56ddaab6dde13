"""Fixtures that the end-to-end tests share."""

from browser import chromium, complaints, phone, phone_tab

__all__ = ["chromium", "complaints", "phone", "phone_tab"]
