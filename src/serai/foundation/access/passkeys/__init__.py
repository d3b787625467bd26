"""Passkeys (WebAuthn): what an authenticator signs instead of a password and a code."""
