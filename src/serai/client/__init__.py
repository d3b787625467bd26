"""The client: file, ask, follow and check from Python, waiting or not (`Serai`, `AsyncSerai`)."""
