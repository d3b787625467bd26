"""The drop folder: files put into a folder are filed, their answers put beside them."""
