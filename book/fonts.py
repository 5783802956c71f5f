"""The letters of the text: Source Serif 4 in three faces, cut to the letters of English. A page gets 41 kB more by them,
and 17 kB less by the icons that it has not (book/icons.py).

They come as WOFF, for which Python needs no other package, and stand in the style sheet itself; a line of script asks for
them before the page is read, or a browser would only when it has laid out text: so they are there at the first paint,
from disk too, and nothing moves when they arrive.
"""

from base64 import b64encode
from io import BytesIO

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from book.npm import Package

FAMILY = "Source Serif 4"
FACES = {"400-normal": "400", "400-italic": "400", "600-normal": "500 700"}  # and the weights that each stands for
# What else a text has comes in the reader's own letters.
LETTERS = "".join(map(chr, range(32, 127))) + "\u00a0×·–—‘’“”…→−éöüŁŚ"


def keep(name, content):
    """Of the package its licence, and of each of the faces a style sheet that holds the font."""
    if name == "LICENSE":
        return "static/fonts/LICENSE", content
    face = name.removeprefix("files/source-serif-4-latin-").removesuffix(".woff")
    if face in FACES:
        rule = f"font-family:'{FAMILY}';font-weight:{FACES[face]};font-style:{face[4:]};"
        rule += f"src:url(data:font/woff;base64,{b64encode(cut(content)).decode()})"
        return f"static/fonts/{face}.css", f"@font-face{{{rule}}}\n".encode()


SERIF = Package(
    "@fontsource/source-serif-4",
    "5.3.1",
    "cWcTCXjYYrgF9A67fThVir1VSc0lPEYmwQ6jA4pPt01s2MSCi/maINUcZoCzaqnU8fyUReDO97eGcBUkHgOeug==",
    "has the letters of the text",
    keep,
)


def setup(app):
    app.connect("builder-inited", provide)
    return {"parallel_read_safe": True}


def provide(app):
    app.config.html_static_path.append(str(SERIF.provided() / "static"))
    for face in FACES:
        app.add_css_file(f"fonts/{face}.css")
    app.add_js_file(None, body=asking_for([f"{face[4:]} {face[:3]} 1em '{FAMILY}'" for face in FACES]))


def asking_for(faces: list[str]) -> str:
    """The script that asks for letters before a page is laid out, so that nothing moves when they come."""
    return f"for (const face of {faces}) document.fonts.load(face);"


def cut(whole: bytes) -> bytes:
    """A font with the letters that we need, and the same bytes each time."""
    font, into = TTFont(BytesIO(whole), recalcTimestamp=False), BytesIO()
    wanted = Subsetter(Options(layout_features=["kern", "liga"], hinting=False, name_IDs=[0, 1, 2, 13, 14]))
    wanted.populate(text=LETTERS)
    wanted.subset(font)
    font.flavor = "woff"
    font.save(into)
    return into.getvalue()
