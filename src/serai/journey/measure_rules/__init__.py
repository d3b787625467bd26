"""Which measures officers may take, when and why, and who is heard before them: laws/measures.yaml."""
