"""The law that decides now: its generation, lists, faults, and what earlier decisions rest on."""
