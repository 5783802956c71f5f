"""The menu of downloads, at the top of every page."""

import os
from pathlib import Path

from book.contents import pages

MENU = '<div class="dropdown dropdown-download-buttons">'


def offer(site: Path, name: str, words: str, icon: str) -> None:
    """Put a file of the folder of downloads into the menu of every page, once."""
    for page in (site / f"{page}.html" for page in ["index", *pages()]):
        address = Path(os.path.relpath(site / "downloads" / name, page.parent)).as_posix()
        entry = f'<li><a href="{address}" class="btn btn-sm dropdown-item" download><span class="btn__icon-container">'
        entry += f'<i class="{icon}"></i></span><span class="btn__text-container">{words}</span></a></li>'
        head, menu, rest = page.read_text(encoding="utf-8").partition(MENU)
        if address in rest.partition("</ul>")[0]:
            continue  # from an earlier print
        page.write_text(head + menu + rest.replace("</ul>", f"{entry}</ul>", 1), encoding="utf-8")
