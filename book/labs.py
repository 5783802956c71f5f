"""What the pages say of their labs: that there is one, for the layout, and links in the text that set it.

A link such as `[set beta1 to 0.9](#lab?beta1=0.9)` leads to no place on the page: the lab hears it (labs/js/beside.js).
"""

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform


def setup(app):
    app.add_transform(KeepLinks)
    app.connect("html-page-context", say)
    return {"parallel_read_safe": True}


class KeepLinks(SphinxTransform):
    """Leave links that set a lab as they are: MyST would look for a heading of that name."""

    default_priority = 878  # just before MyST looks

    def apply(self):
        for link in self.document.findall(nodes.reference):
            if link.get("refuri", "").startswith("#lab?"):
                link.attributes.pop("id_link", None)
                for words in list(link.findall(nodes.Text)):  # a setting is not broken: "α =" here, its number there
                    words.parent.replace(words, nodes.Text(re.sub(" ([=<>]) ", "\u00a0\\1\u00a0", words)))


def say(app, pagename, templatename, context, doctree):
    """Give each page with a lab its layout, which book/front.py has put beside the pages."""
    if doctree and any('class="optimlab-here"' in node.astext() for node in doctree.findall(nodes.raw)):
        app.add_css_file("beside.css")
