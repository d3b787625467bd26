"""Where signed lists come from: registered with their keys, fetched, verified and put in force by a timer."""
