"""The HTTP kit: problems, negotiation, bodies and streams, page layout and components, sign-in."""
