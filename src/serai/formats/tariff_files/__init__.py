"""Files of tariffs in the forms of others, read into our lines, row by row."""
