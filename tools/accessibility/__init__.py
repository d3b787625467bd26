"""Holds every page, as Chromium draws it in each language, against WCAG 2.2 AA and more."""
