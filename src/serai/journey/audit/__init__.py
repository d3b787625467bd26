"""Post-clearance control and disclosure of proofs."""
