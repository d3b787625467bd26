"""Signing in at a provider of identities (OpenID Connect Core 1.0, authorization code with PKCE)."""
