"""`python -m tools.names` lists every name that says a word given up, with what to say; it exits with 1 if
there is one."""

import sys

from tools.names.check import find_names_given_up


def main() -> int:
    """Print a line a name; return the exit code."""
    found = find_names_given_up()
    for one in found:
        sys.stdout.write(f"{one.place}: {one.kind} {one.name!r} says {one.word!r}; say {one.say}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
