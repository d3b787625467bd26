"""The vault: personal data and raw messages, sealed under keys that can be destroyed."""
