"""What a page weighs on its way to a reader."""

import gzip
from pathlib import Path


def sent(file: Path) -> int:
    """The bytes that a server sends: text is compressed, pictures, fonts and films are so already."""
    content = file.read_bytes()
    packed = file.suffix in (".woff2", ".png", ".mp4")
    return len(content) if packed else len(gzip.compress(content, 6, mtime=0))
