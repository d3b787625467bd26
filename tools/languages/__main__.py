"""`python -m tools.languages extract` takes the words of the pages into every language's catalogue; `check`
prints what is wrong with translations, and exits with 1 if anything is."""

import sys

from tools.languages.check import find_faults
from tools.languages.interface import update_words


def main() -> int:
    """Do what is asked; return the exit code."""
    match sys.argv[1:]:
        case ["extract"]:
            update_words()
            return 0
        case ["check"]:
            faults = find_faults()
            sys.stdout.writelines(f"{fault}\n" for fault in faults)
            return 1 if faults else 0
        case _:
            sys.stderr.write("python -m tools.languages extract|check\n")
            return 2


if __name__ == "__main__":
    sys.exit(main())
