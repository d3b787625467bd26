-- locked_at: since when nobody signs in with the account, until an administrator unlocks it; what it was, and who did what with it, stays.
ALTER TABLE account ADD COLUMN locked_at timestamptz;
