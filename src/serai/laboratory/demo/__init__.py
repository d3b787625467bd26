"""The demo: invented lists, the documents that invented parties send, and what came back."""
