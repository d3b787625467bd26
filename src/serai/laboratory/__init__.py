"""The other caller of the pipeline: quote, explain, test bench, compare, what-if."""
