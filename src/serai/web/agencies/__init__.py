"""The door of other government agencies: parcels before them, and what they decide: routes and pages."""
