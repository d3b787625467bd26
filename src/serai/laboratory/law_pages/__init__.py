"""The law for everybody, without signing in: by place and day, its history, what versions differ in."""
