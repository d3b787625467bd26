"""Pages and API of a buyer: where the parcel stands; after a one-time code what it costs, and why."""
