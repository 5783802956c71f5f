"""What theory says of a rule on a quadratic, in closed form."""

from __future__ import annotations

from numpy import maximum

from optimlib.steps import Value, sqrt


def momentum_rate(lr: Value, beta1: Value, lam: Value) -> Value:
    r"""The factor by which momentum shrinks per step along a direction of curvature ``lam``.

    It is the size of the larger root of :math:`z^2 - p z + \beta_1 = 0` with
    :math:`p = 1 + \beta_1 - \alpha (1 - \beta_1) \lambda` (Polyak 1964). Where the roots are
    complex, both have the size :math:`\sqrt{\beta_1}`. Below 1 the run converges.
    """
    p = 1 + beta1 - lr * (1 - beta1) * lam
    larger_if_real = (abs(p) + sqrt(maximum(p**2 - 4 * beta1, 0.0))) / 2
    return maximum(larger_if_real, sqrt(beta1))


def momentum_reach(rate: Value, beta1: Value, lam: Value) -> tuple[Value, Value]:
    r"""The two learning rates between which :func:`momentum_rate` is at most ``rate``, if ``beta1`` is at most ``rate**2``.

    Both roots of :math:`z^2 - p z + \beta_1` lie within a circle of radius :math:`r` if it is not below 0 at
    :math:`z = r` and at :math:`z = -r`, that is, if :math:`|p| \le r + \beta_1 / r`.
    """
    most = rate + beta1 / rate
    middle = 1 + beta1
    step = (1 - beta1) * lam
    return (middle - most) / step, (middle + most) / step
