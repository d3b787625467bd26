"""Orders, payments, transport documents and returns: kept, receipted, linked with their declaration."""
