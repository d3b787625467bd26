"""Recalls: goods that an agency or officer asks for are found, suspended, told of, and freed where it was
wrong."""
