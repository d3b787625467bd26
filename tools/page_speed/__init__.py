"""How fast pages are with two million stored cases: the store is filled once, then pages are measured."""
