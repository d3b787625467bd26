"""What a batch is controlled by beside the law, read before it is decided and kept with it."""
