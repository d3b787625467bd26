"""Forms that were sent when their session had ended, kept until their person has signed in again."""
