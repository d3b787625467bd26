"""How long a seller takes to declare a parcel on a phone with a slow network, and what goes over it."""
