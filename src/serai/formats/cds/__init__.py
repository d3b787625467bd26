"""The customs declaration service (CDS): messages of the WCO Data Model and what travels with them."""
