"""Give figures, films, labs and exercises a name and a link of their own, as headings and equations have."""

import re

from docutils import nodes


def setup(app):
    app.connect("doctree-resolved", name_places)
    return {"parallel_read_safe": True}


def link(name: str, kind: str) -> str:
    return f'<a class="headerlink" href="#{name}" title="Link to this {kind}">#</a>'


def name_places(app, doctree, page):
    if app.builder.format != "html":
        return
    count = {"lab": 0, "figure": 0}
    for raw in list(doctree.findall(nodes.raw)):
        text = raw.astext()
        lab, figure = re.search('class="optimlab-here"', text), re.search('<figure class="(?:picture|film)"', text)
        kind = "lab" if lab else "figure"
        if not (found := lab or figure):
            continue
        count[kind] += 1
        name = kind if lab and count[kind] == 1 else f"{kind}-{count[kind]}"
        text = f'{text[: found.end()]} id="{name}"{text[found.end() :]}'
        if lab:
            text = f'<p class="place">{link(name, "lab")}</p>{text}'
        else:
            if "</figcaption>" not in text:
                text = text.replace("</figure>", "<figcaption></figcaption></figure>", 1)
            text = text.replace("</figcaption>", f"{link(name, 'figure')}</figcaption>", 1)
        raw.replace_self(nodes.raw("", text, format="html"))
    for section in doctree.findall(nodes.section):
        if section[0].astext() == "Exercises":
            for strong in list(section.findall(nodes.strong)):
                if number := re.match(r"(\d+)\.", strong.astext()):
                    strong["ids"].append(name := f"exercise-{number[1]}")
                    strong.parent += nodes.raw("", link(name, "exercise"), format="html")
