"""What parties submit: a document on its way in, its people cut out and sealed, its versions."""
