"""Errors: Serai itself could not do what was asked.

A remark on somebody's data is a finding, not an error.
"""


class SeraiError(Exception):
    """Something is wrong with the call or with the system.

    code: permanent kebab-case word, e.g. `lost-signing-key`. message: one plain sentence, no personal data.
    next_step: what the reader can do now. Either may be a `MessageText`, which has parameters; `texts` keeps
    both as they were given, for whoever says them in another language. The HTTP status or exit code is chosen
    at the edge from `code`.
    """

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{code}: {message} {next_step}")
        self.code = code
        self.texts = (message, next_step)
        self.message = str(message)
        self.next_step = str(next_step)
