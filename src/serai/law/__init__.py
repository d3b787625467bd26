"""Dated law packs, compiled; decoding, checking, in force on, tariff look-up, the vocabulary of
conditions."""
