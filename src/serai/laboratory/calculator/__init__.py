"""The calculator for everybody: a basket to many countries, every charge explained; nothing is stored."""
