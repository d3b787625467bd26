"""GS1 EPCIS 1.2 and 2.0: visibility events, documents of events and queries, as JSON and as XML."""
