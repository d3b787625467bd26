"""The public conformance suite: cases as data, sent to any server or held against anybody's files."""
