"""`python -m tools.languages extract`: take the words of the pages into every language's catalogue."""

import sys

from tools.languages.interface import update_words


def main() -> int:
    """Do what is asked; return the exit code."""
    match sys.argv[1:]:
        case ["extract"]:
            update_words()
            return 0
        case _:
            sys.stderr.write("python -m tools.languages extract\n")
            return 2


if __name__ == "__main__":
    sys.exit(main())
