"""Files packed into a ZIP."""

import io
import zipfile


def zipped(files: dict[str, bytes]) -> bytes:
    """Pack files, by path."""
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return file.getvalue()
