"""Names of people and firms as they are compared: letter by letter with lists, by sound between documents."""
