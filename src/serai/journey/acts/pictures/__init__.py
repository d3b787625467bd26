"""Pictures of the goods that whoever declared them sends."""
