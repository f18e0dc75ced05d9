"""Write all pages of reference into a folder: `python -m vnx_jobs.cli.pages docs`."""

import sys
from pathlib import Path

from .every import pages


def main(folder: Path) -> None:
    """Write the pages."""
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
