"""Keep, of the theme's script with all icons of Font Awesome, the few that the site uses: 543 kB, compressed, become 20.

The theme writes an icon as the classes of an element, a style and a name, such as `fa-solid fa-bars`, in
its pages and in its scripts. The script draws it there.
"""

import re
import sys
from pathlib import Path

STYLES = r"\b(?:fa[srb]|fa-(?:solid|regular|brands))\b"
CLASSES = re.compile(rf"""["']((?:[\w\s-]*\s)?{STYLES}\s[\w\s-]*)["']""")
# bars:[448,512,["navicon"],"f0c9","M0 96C0 ..."]: width, height, other names, place in the font, outline
ICON = r""""?([\w-]+)"?:\[\d+,\d+,\[([^\]]*)\],"[^"]*",(?:"[^"]*"|\[[^\]]*\])\]"""
ICONS = re.compile(rf"\{{{ICON}(?:,{ICON})*\}}")


def keep_used_icons(site: Path) -> None:
    script = site / "_static" / "scripts" / "fontawesome.js"
    files = [file for kind in ("*.html", "*.js") for file in sorted(site.rglob(kind)) if file != script]
    used = {classes for file in files for classes in CLASSES.findall(file.read_text())}
    wanted = {name for classes in used for name in re.findall(r"\bfa-([\w-]+)", classes)}
    found = set()

    def only_wanted(icons: re.Match) -> str:
        kept = []
        for icon in re.finditer(ICON, icons[0]):
            names = {icon[1], *re.findall(r'"([\w-]+)"', icon[2])} & wanted
            found.update(names)
            kept += [icon[0]] if names else []
        return "{" + ",".join(kept) + "}"

    text = ICONS.sub(only_wanted, script.read_text())
    for classes in sorted(used):
        if not found.intersection(re.findall(r"\bfa-([\w-]+)", classes)):
            sys.exit(f'\nThe book was not built: Font Awesome, as the theme brings it, has no icon for "{classes}".')
    map_of_all = script.with_name("fontawesome.js.map")
    script.write_text(text.replace(f"//# sourceMappingURL={map_of_all.name}", ""))
    map_of_all.unlink()
