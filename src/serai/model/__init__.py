"""The nouns: documents, consignment, goods item, party, money, codes, frame schemas, findings, errors."""
