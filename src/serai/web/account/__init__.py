"""The page of an account: its password, passkeys and open sessions."""
