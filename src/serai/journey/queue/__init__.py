"""The officers' queue: what waits for a person, the soonest landing first."""
