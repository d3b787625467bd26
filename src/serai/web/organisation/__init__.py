"""Organisations register themselves, invite their people, and manage their keys."""
