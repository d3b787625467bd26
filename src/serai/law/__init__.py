"""Dated law packs, compiled: decoding, checking, what is in force, tariff look-up, the vocabulary."""
