"""The equations of :mod:`optimlib.steps` in other words, made from their Python and never typed again.

``parse`` reads a function, ``javascript`` writes it for the labs, ``in_place`` as a loop for ``descend``.
"""
