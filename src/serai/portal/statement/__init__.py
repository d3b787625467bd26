"""A party reads what is owed on its parcels, and which of them are held."""
