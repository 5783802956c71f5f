"""Keep, of all icons of Font Awesome that the theme brings, the few that the site uses: of its script, 20 kB of 543,
compressed, and of its style sheet, which has a rule for each, 44 of 65.

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
# .fa-arrow-up:before{content:"\\f062"}, for pages without scripts
RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"[^"]*"\}')
ICONS = re.compile(rf"\{{{ICON}(?:,{ICON})*\}}")


def keep_used_icons(site: Path) -> None:
    script = site / "_static" / "scripts" / "fontawesome.js"
    files = [file for kind in ("*.html", "*.js") for file in sorted(site.rglob(kind)) if file != script]
    used = {classes for file in files for classes in CLASSES.findall(file.read_text(encoding="utf-8"))}
    wanted = {name for classes in used for name in names_in(classes)}
    text = ICONS.sub(lambda icons: only(wanted, icons[0]), script.read_text(encoding="utf-8"))
    sheet = site / "_static" / "styles" / "pydata-sphinx-theme.css"
    rules = RULE.sub(lambda rule: rule[0] * bool(wanted & names_in(rule[1])), sheet.read_text(encoding="utf-8"))
    sheet.write_text(rules, encoding="utf-8")
    left = {name for icons in ICONS.finditer(text) for icon in re.finditer(ICON, icons[0]) for name in names_of(icon)}
    for classes in sorted(used):
        if not left & names_in(classes):
            sys.exit(f'\nThe book was not built: Font Awesome, as the theme brings it, has no icon for "{classes}".')
    map_of_all = script.with_name("fontawesome.js.map")
    script.write_text(text.replace(f"//# sourceMappingURL={map_of_all.name}", ""), encoding="utf-8")
    map_of_all.unlink()


def only(wanted: set[str], icons: str) -> str:
    """Of the script's list of icons, those that are wanted by one of their names."""
    return "{" + ",".join(icon[0] for icon in re.finditer(ICON, icons) if names_of(icon) & wanted) + "}"


def names_of(icon: re.Match) -> set[str]:
    """The name of an icon in the script, and its others."""
    return {icon[1], *re.findall(r'"([\w-]+)"', icon[2])}


def names_in(classes: str) -> set[str]:
    """What may be an icon's name, among the classes of an element: also sizes, as in `fa-lg`."""
    return set(re.findall(r"\bfa-([\w-]+)", classes))
