"""A lab as a Jupyter widget, where a live notebook has what that needs. This module alone knows of Jupyter."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import traitlets

from optimlib.labs import page

if TYPE_CHECKING:
    from optimlib.labs.lab import Lab

RENDER = """
const render = ({ model, el }) =>
  mount({ lab: { build, update }, el, about: model.get("about"), values: model.get("values"), model });
export default { render };
"""


def attended() -> bool:
    """Whether a reader is there to move the lab: whoever runs a notebook for later says that nobody can be asked.

    So do nbconvert --execute, papermill and the build of the book, where a widget would be a blank line.
    """
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    asked: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)()
    return asked.get("content", {}).get("allow_stdin", bool(asked))


def missing() -> str:
    """What a widget would need and has not; nothing if all is there."""
    wanted = "that needs ipywidgets 8 or above and anywidget"
    try:
        import anywidget  # noqa: F401
        import ipywidgets
    except ImportError as error:
        return f"{wanted}, and there is no {error.name}."
    if int(ipywidgets.__version__.split(".")[0]) < 8:
        return f"{wanted}, and ipywidgets is {ipywidgets.__version__}."
    return ""


def made_for(lab: Lab) -> Any:
    """A widget that moves the lab, and is moved by it."""
    kind = _kind(lab.name)
    made = kind(about=lab.about(), values=lab.values())

    def tell(change: Any) -> None:
        made.values = lab.values()

    def hear(change: Any) -> None:
        with lab.hold_trait_notifications():  # all at once: a setting half heard would be told to the browser
            for name, value in change.new.items():
                setattr(lab, name, value)

    lab.observe(tell, list(lab.controls()))
    made.observe(hear, "values")
    return made


def show(lab: Lab) -> None:
    """Put out the still picture, then the widget: Jupyter shows the widget if it lives, and the picture if not."""
    from IPython.display import display

    view, metadata = lab.widget._repr_mimebundle_()
    plain = {"text/plain": repr(lab)}
    display(plain | {"text/html": page.saved(lab)}, raw=True)
    display(view | plain, metadata=metadata, raw=True)


@cache
def _kind(name: str) -> type:
    import anywidget

    class Widget(anywidget.AnyWidget):
        _esm = page.script(name) + RENDER
        _css = page.style()
        about = traitlets.Dict().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)

    return Widget
