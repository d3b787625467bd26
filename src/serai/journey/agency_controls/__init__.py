"""Parcels before other government agencies: what each has to decide, and until when."""
