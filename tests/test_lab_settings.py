"""The controls of the labs: what each allows, and what is told of anything else."""

import contextlib
import io
import re
from pathlib import Path
from urllib.parse import parse_qsl

import nbformat
import numpy as np
import pytest

from optimlib import labs
from optimlib.labs.controls import Flag, Number, SettingError

every_lab = pytest.mark.parametrize("kind", labs.LABS, ids=lambda kind: kind.__name__)
every_control = pytest.mark.parametrize(
    "kind, name",
    [(kind, name) for kind in labs.LABS for name in kind.controls()],
    ids=lambda x: getattr(x, "__name__", x),
)


def wrong_values(control):
    if isinstance(control, Number):
        numbers = [control.low - 1, control.high + 1, float("nan"), float("inf"), "1", None, True, [control.low]]
        return numbers + [control.low + 0.5] * control.whole
    return ["on", 1, None] if isinstance(control, Flag) else ["hill", 1, None, ["bowl"]]


@every_control
def test_what_a_control_does_not_allow_is_refused_and_changes_nothing(kind, name):
    lab, control = kind(), kind.controls()[name]
    opening = lab.values()
    for value in wrong_values(control):
        for set_it in (lambda: setattr(lab, name, value), lambda: kind(**{name: value})):
            with pytest.raises(SettingError) as error:
                set_it()
            assert str(error.value) == f"{name} must be {control.allowed}, got {value!r}"
        assert lab.values() == opening


@every_control
def test_what_a_control_allows_is_taken_as_plain_python(kind, name):
    control = kind.controls()[name]
    if isinstance(control, Number):
        values = [np.float64(control.high), np.float32(control.low + 1e-6), np.int64(1)]
    else:
        values = [np.True_, False] if isinstance(control, Flag) else [*control.choices]
    for value in values:
        if control.allows(value):
            lab = kind(**{name: value})
            assert getattr(lab, name) == value and type(getattr(lab, name)) in (str, bool, int, float)
    assert any(map(control.allows, values))


@every_lab
def test_a_control_that_there_is_not_is_refused(kind):
    lab, meant = kind(), " (did you mean kappa?)" if "kappa" in kind.controls() else ""
    said = f"{kind.__name__} has no control 'kapa'{meant}; it has {', '.join(kind.controls())}"
    for wrong in (
        lambda: setattr(lab, "kapa", 3),
        lambda: kind(kapa=3),
        lambda: lab.observe(print, "kapa"),
        lambda: lab.observe(print, ["kapa"]),
    ):
        with pytest.raises(SettingError) as error:
            wrong()
        assert str(error.value) == said


@pytest.mark.parametrize("wrong", ["lab.lr = 5", "lab.kapa = 3", "AdamLab(kapa=3)", "AdamLab(lr=5)"])
def test_in_a_notebook_a_wrong_setting_is_told_in_one_line(wrong):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    with contextlib.redirect_stdout(io.StringIO()) as told:
        shell.run_cell(f"from optimlib.labs import AdamLab\nlab = AdamLab()\n{wrong}")
    (line,) = told.getvalue().strip().splitlines()
    assert line.startswith("SettingError: ")


@pytest.mark.parametrize(
    "kind, name, value, said",
    [
        (labs.AdamLab, "lr", 5, "lr must be a number from 0.01 to 2, got 5"),
        (labs.GradientDescentLab, "angle", 0.5, "angle must be a whole number from -90 to 90, got 0.5"),
        (labs.RaceLab, "noise", "on", "noise must be True or False, got 'on'"),
        (
            labs.RaceLab,
            "surface",
            "hill",
            "surface must be one of 'bowl', 'turned bowl', 'Rosenbrock', 'saddle', got 'hill'",
        ),
    ],
)
def test_a_wrong_setting_is_told_in_a_sentence(kind, name, value, said):
    with pytest.raises(SettingError) as error:
        setattr(kind(), name, value)
    assert str(error.value) == said


@pytest.mark.parametrize(
    "lab, said",
    [
        (labs.GradientDescentLab(angle=30), "α = 0.4, κ = 20, turned by 30 degrees, start W = -5, start b = -2."),
        (labs.RMSPropLab(), "α = 0.4, β₂ = 0.9, ε = 1e-08, turned by 0 degrees."),
        (
            labs.AdamLab(show_momentum=False),
            "α = 0.2, β₁ = 0.9, β₂ = 0.9, ε = 1e-08, κ = 20, start W = -5, start b = -2, "
            "gradient descent, RMSProp, Adam.",
        ),
        (
            labs.RaceLab(surface="saddle", noise=True, b=1),
            "saddle, noise on the gradients, α of gradient descent = 0.476, "
            "α of momentum = 1, α of RMSProp = 0.1, α of Adam = 0.3, start moved by 1 in b, after 40 steps.",
        ),
    ],
    ids=lambda x: type(x).__name__,
)
def test_a_caption_says_the_setting(lab, said):
    assert lab.caption() == said


def test_what_the_browser_is_told_of_each_kind_of_control():
    lr, *_, step = labs.RaceLab.about()["controls"][2:]
    surface, noise = labs.RaceLab.about()["controls"][:2]
    (angle,) = (one for one in labs.RMSPropLab.about()["controls"] if one["name"] == "angle")
    assert surface == {"name": "surface", "kind": "choice", "label": "surface", "choices": labs.RaceLab.surface.choices}
    assert noise == {"name": "noise", "kind": "flag", "label": "noise on the gradients"}
    number = {"kind": "number", "scale": "linear", "whole": True, "unit": ""}
    assert step == number | {"kind": "moment", "name": "step", "label": "step", "low": 0, "high": 300}
    assert angle == number | {"name": "angle", "label": "turned by, degrees", "low": 0, "high": 90, "unit": "degrees"}
    assert lr == number | {
        "name": "lr_gradient_descent",
        "label": "α of gradient descent",
        "low": 0.0001,
        "high": 2.0,
        "scale": "log",
        "whole": False,
    }


CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"
LINKS = [
    (chapter.stem, words, address)
    for chapter in sorted(CHAPTERS.glob("*.ipynb"))
    for cell in nbformat.read(chapter, as_version=4).cells
    for words, address in re.findall(r"\[([^][]*)\]\(#lab\?([^)\s]*)\)", cell.source)
]
WITH_A_LAB = [
    (chapter.stem, kind)
    for chapter in sorted(CHAPTERS.glob("*.ipynb"))
    for kind in labs.LABS
    if any(f"{kind.__name__}()" in cell.source for cell in nbformat.read(chapter, as_version=4).cells)
]


def asked(address):
    """What a link asks for, name by name."""
    return parse_qsl(address, strict_parsing=True)


@pytest.mark.parametrize("chapter, words, address", LINKS)
def test_a_link_in_a_chapter_asks_its_lab_for_what_that_allows(chapter, words, address):
    controls = dict(WITH_A_LAB)[chapter].controls()
    for name, value in asked(address):
        control = controls[name]
        read = {"number": float, "moment": float, "flag": {"on": True, "off": False}.get, "choice": str}[control.kind]
        assert control.allows(read(value)), f"{name} = {value}"


@pytest.mark.parametrize("chapter, words, address", LINKS)
def test_a_link_names_its_setting_in_words_for_where_it_is_only_text(chapter, words, address):
    opening, said = dict(WITH_A_LAB)[chapter]().values(), words.replace("−", "-")
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", re.sub("[α-ω][₁₂]", "", said))]
    for name, value in asked(address):
        if (
            isinstance(opening[name], int | float)
            and not isinstance(opening[name], bool)
            and float(value) != opening[name]
        ):
            assert float(value) in numbers, f"{name} = {value}"


@pytest.mark.parametrize("chapter, kind", WITH_A_LAB)
def test_the_text_of_each_chapter_sets_its_lab(chapter, kind):
    assert len([link for link in LINKS if link[0] == chapter]) >= 3
    assert len(WITH_A_LAB) == len(labs.LABS)
