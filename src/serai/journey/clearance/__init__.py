"""The corridor with its doors to the store: read the context, run the pipeline, record, answer; one
transaction a batch."""
