"""Examinations of goods: what was found and weighed, photos of it, and a second examination on request."""
