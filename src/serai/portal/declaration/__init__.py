"""A small seller declares one parcel on a phone, one question a screen; nothing is kept until it is sent."""
