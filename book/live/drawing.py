"""The back end of pyplot in a page: its figures are put out as the book's own pictures are, and closed."""

import cells
from matplotlib import pyplot
from matplotlib.backends.backend_svg import FigureCanvasSVG as FigureCanvas  # pyplot asks for it by this name

from optimlib import plots

__all__ = ["FigureCanvas", "show"]


def show(*_, **__):
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        pyplot.close(figure)
        picture = plots.Picture(plots.svg_of(figure, str(number)), "", "A figure drawn by matplotlib.")
        cells.put("display_data", cells.bundle(picture))
