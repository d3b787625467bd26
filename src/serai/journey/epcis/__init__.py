"""The capture and query interfaces of GS1 EPCIS 2.0 over HTTP."""
