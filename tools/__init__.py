"""Programs for those who build Serai; nothing here is shipped."""
