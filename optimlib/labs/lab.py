"""What all labs share: the controls, what the browser is told, the still picture, how a notebook shows them."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import traitlets

from optimlib import plots, rules
from optimlib.labs import page, widget
from optimlib.labs.controls import Control, SettingError
from optimlib.labs.panels import Panel


class Lab(traitlets.HasTraits):
    """A lab is described by its subclass, once for Python and the browser, and has a trait for each control.

    ``name`` is that of its modules, ``labs/adam.py`` and ``labs/js/adam.js``. Raises SettingError, a TraitError, for a
    value that a control does not allow and for a control that there is not.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    code: ClassVar[tuple[Callable, ...]]  # the rules whose lines are shown
    panels: ClassVar[dict[str, Panel]]

    def __init__(self, **values: Any) -> None:
        for name in values:
            self._check_known(name)
        super().__init__(**values)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(traitlets.HasTraits, name):  # these are for traitlets' own use
            self._check_known(name)
        super().__setattr__(name, value)

    def observe(self, handler: Callable, names: Any = traitlets.All, type: Any = "change") -> None:
        for name in () if names is traitlets.All else [names] if isinstance(names, str) else names:
            self._check_known(name)
        super().observe(handler, names, type)

    @classmethod
    def _check_known(cls, name: str) -> None:
        if name not in cls.controls():
            near = difflib.get_close_matches(name, cls.controls(), n=1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            raise SettingError(f"{cls.__name__} has no control {name!r}{meant}; it has {', '.join(cls.controls())}")

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """The controls by name, in the order in which they are written down."""
        written = [item for base in reversed(cls.__mro__) for item in vars(base).items()]
        return {name: trait for name, trait in written if isinstance(trait, Control)}

    def values(self) -> dict[str, Any]:
        """What each control is set to."""
        return {name: getattr(self, name) for name in self.controls()}

    @classmethod
    def about(cls) -> dict[str, Any]:
        """What the browser is told of the lab."""
        return {
            "title": cls.title,
            "code": "\n\n".join(map(rules.source, cls.code)),
            "controls": [{"name": name} | control.told for name, control in cls.controls().items()],
            "panels": {name: asdict(panel) for name, panel in cls.panels.items()},
        }

    def still(self) -> plots.Picture | Pictures:
        """The picture of the present setting, for print and for pages without scripts."""
        raise NotImplementedError

    def caption(self) -> str:
        """The present setting in words."""
        words = (control.in_words(getattr(self, name)) for name, control in self.controls().items())
        return ", ".join(filter(None, words)) + "."

    @cached_property
    def widget(self) -> Any:
        """The lab as a Jupyter widget, for a box beside others; raises ImportError without anywidget."""
        return widget.made_for(self)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({values})"

    def _repr_html_(self) -> str:
        return page.of(self)

    def _ipython_display_(self) -> None:
        """The widget, where one can be, and before it what stays of it in the saved notebook: the still picture.

        They are two outputs, since Jupyter shows one form of each: of a widget whose kernel is gone, an error.
        """
        if not widget.attended() or widget.missing():
            raise NotImplementedError  # then IPython asks for the lab as on a page
        widget.show(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """The lab as on a page of the book."""
        missing = widget.missing() if widget.attended() else ""
        remark = f"Here the lab does not talk with Python: {missing}" if missing else ""
        return {"text/plain": repr(self), "text/html": page.of(self, remark)}


@dataclass(frozen=True)
class Pictures:
    """Several pictures, one below the other."""

    pictures: tuple[plots.Picture, ...]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.pictures))

    def _repr_html_(self) -> str:
        return "\n".join(picture._repr_html_() for picture in self.pictures)
