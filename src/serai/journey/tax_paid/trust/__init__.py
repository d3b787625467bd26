"""Whom a border believes: keys of issuers, their status lists, holders of scheme numbers."""
