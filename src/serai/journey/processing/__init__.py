"""The unit of work: a batch of documents in one transaction, decided, recorded and answered."""
