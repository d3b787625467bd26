"""The page on which an officer holds, examines and releases a bag or a flight."""
