"""Other government agencies and their permits: routes and pages."""
