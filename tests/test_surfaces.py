"""The surfaces against SymPy, central differences and what their names promise."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from optimlib import Path, Surface, bowl, descend, gradient_descent, noisy, rosenbrock, saddle, steps_to_reach, turn
from optimlib import surfaces as formulas

SURFACES = {
    "bowl": bowl(),
    "turned bowl": bowl((1.0, 9.0), angle=0.6, center=(2.0, -3.0)),
    "Rosenbrock": rosenbrock(),
    "saddle": saddle(),
}
every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
places = st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(np.array)

W, b, l1, l2, angle = sympy.symbols("W b lambda1 lambda2 angle", real=True)
BY_THE_BOOK = {  # the formula, its function, its gradient, their further arguments
    "bowl": (
        (
            l1 * (sympy.cos(angle) * W + sympy.sin(angle) * b) ** 2
            + l2 * (sympy.cos(angle) * b - sympy.sin(angle) * W) ** 2
        )
        / 2,
        formulas.bowl_f,
        formulas.bowl_grad,
        (l1, l2, sympy.cos(angle), sympy.sin(angle)),
    ),
    "Rosenbrock": ((1 - W) ** 2 + 100 * (b - W**2) ** 2, formulas.rosenbrock_f, formulas.rosenbrock_grad, ()),
    "saddle": (W**2 / 2 - b**2 / 2 + b**4 / 16, formulas.saddle_f, formulas.saddle_grad, ()),
}


@pytest.mark.parametrize("formula, f, grad, shape", BY_THE_BOOK.values(), ids=BY_THE_BOOK)
def test_gradients_by_sympy(formula, f, grad, shape):
    assert sympy.simplify(f(W, b, *shape) - formula) == 0
    for ours, letter in zip(grad(W, b, *shape), (W, b)):
        assert sympy.simplify(ours - sympy.diff(formula, letter)) == 0


@given(w=places)
@every_surface
def test_gradients_by_central_differences(surface, w):
    h = 1e-5
    difference = [
        (surface.f(w + h * axis) - surface.f(w - h * axis)) / (2 * h) for axis in (np.array([1, 0]), np.array([0, 1]))
    ]
    # Rounding of f, up to 1e4 here, costs 1e4 * 1e-16 / h = 1e-7.
    np.testing.assert_allclose(surface.grad(w), difference, rtol=1e-6, atol=1e-5)


@given(w=places)
@every_surface
def test_the_minimum_is_one(surface, w):
    least = np.array(surface.minimum)
    np.testing.assert_allclose(surface.grad(least), [0, 0], atol=1e-14)
    assert surface.f(w) >= surface.f(least)


def test_the_saddle_has_two_minima_and_a_saddle_between():
    surface = saddle()
    for place in [(0, 0), (0, 2), (0, -2)]:
        np.testing.assert_allclose(surface.grad(np.array(place)), [0, 0], atol=1e-15)
    assert surface.f(np.array([0, -2])) == surface.f(np.array([0, 2])) < surface.f(np.array([0, 0]))
    assert surface.f(np.array([0.1, 0])) > surface.f(np.array([0, 0])) > surface.f(np.array([0, 0.1]))


def hessian(surface, w, h=1e-4):
    columns = [(surface.grad(w + h * axis) - surface.grad(w - h * axis)) / (2 * h) for axis in np.eye(2)]
    return np.array(columns).T


@given(
    eigenvalues=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)),
    angle=st.floats(-np.pi, np.pi),
    center=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
    w=places,
)
def test_a_bowl_has_the_curvatures_the_directions_and_the_center_asked_for(eigenvalues, angle, center, w):
    surface = bowl(eigenvalues, angle, center)
    curvature = hessian(surface, w)
    np.testing.assert_allclose(np.linalg.eigvalsh(curvature), sorted(eigenvalues), rtol=1e-5, atol=1e-6)
    # Along the direction of the angle the curvature is the first eigenvalue, across it the second.
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    np.testing.assert_allclose(curvature @ along, eigenvalues[0] * along, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(curvature @ across, eigenvalues[1] * across, rtol=1e-5, atol=1e-5)
    assert surface.minimum == center
    assert surface.f(np.array(center)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("wrong", [{"angle": np.nan}, {"angle": "1"}, {"center": (0, np.inf)}, {"center": 3}])
def test_a_bowl_lies_somewhere(wrong):
    with pytest.raises(ValueError, match=f"{[*wrong][0]} must be"):
        bowl(**wrong)


def test_the_condition_number_of_the_usual_bowl():
    curvature = hessian(bowl(), np.array([1.0, 2.0]))
    assert np.linalg.cond(curvature) == pytest.approx(20)
    np.testing.assert_allclose(bowl().f(np.array([-5.0, -2.0])), 0.1 * 25 + 2 * 4)


def test_turning_the_bowl_turns_the_run():
    straight = descend(gradient_descent, bowl().grad, (-5, -2), 20, lr=0.3).w
    turned = descend(gradient_descent, bowl(angle=0.9).grad, turn((-5, -2), 0.9), 20, lr=0.3).w
    np.testing.assert_allclose(turned, [turn(w, 0.9) for w in straight], atol=1e-13)


def test_turning_by_hand():
    np.testing.assert_allclose(turn((2.0, 1.0), np.pi / 2), [-1, 2], atol=1e-15)  # to the left
    np.testing.assert_allclose(turn((1.0, 0.0), np.pi / 6), [np.sqrt(3) / 2, 1 / 2])


@pytest.mark.parametrize(
    "bad",
    [
        (0, 1),
        (1, 0),
        (-1, 4),
        (1, -4),
        (np.nan, 1),
        (1, np.nan),
        (np.inf, 1),
        (1, np.inf),
        (1,),
        (1, 2, 3),
        (),
        3,
        ("1", "2"),
        None,
        (1j, 1),
        ([1], [1, 2]),
    ],
    ids=str,
)
def test_a_bowl_has_two_eigenvalues_above_0(bad):
    with pytest.raises(ValueError, match="eigenvalues must be two finite numbers above 0, got"):
        bowl(bad)


@pytest.mark.parametrize("rest", [(), (1,), (7,), (3, 4)], ids=str)
@every_surface
def test_what_follows_the_first_axis_is_carried_along(surface, rest):
    w = np.random.default_rng(0).normal(size=(2, *rest))
    assert surface.f(w).shape == rest and surface.grad(w).shape == w.shape
    for place in np.ndindex(rest):
        np.testing.assert_array_equal(surface.f(w)[place], surface.f(w[(slice(None), *place)]))
        np.testing.assert_array_equal(surface.grad(w)[(slice(None), *place)], surface.grad(w[(slice(None), *place)]))


@every_surface
def test_a_surface_keeps_single_precision_and_its_argument(surface):
    w = np.array([0.5, -1.5], np.float32)
    w.flags.writeable = False
    gradient = surface.grad(w)
    assert gradient.dtype == np.float32 and not np.shares_memory(gradient, w)
    np.testing.assert_allclose(gradient, surface.grad(w.astype(float)), rtol=1e-5)


def test_surfaces_are_told_apart_by_name():
    names = [surface.name for surface in [bowl(), bowl((1, 2)), rosenbrock(), saddle()]]
    assert names == ["bowl 0.2, 4", "bowl 1, 2", "Rosenbrock", "saddle"]


def test_a_surface_cannot_be_exchanged():
    with pytest.raises(AttributeError):
        bowl().minimum = (1.0, 1.0)


# noisy


def test_noise_has_the_mean_and_the_deviation_asked_for():
    w = np.full((2, 50_000), 3.0)
    noise = noisy(bowl().grad, 0.5, np.random.default_rng(1))(w) - bowl().grad(w)
    # Five standard errors.
    assert abs(noise.mean()) < 5 * 0.5 / np.sqrt(noise.size)
    assert noise.std() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(2 * noise.size))
    assert abs(np.corrcoef(noise)[0, 1]) < 5 / np.sqrt(50_000)
    assert np.mean(np.abs(noise) < 0.5) == pytest.approx(0.6827, abs=0.01)  # normal, within one deviation


def test_noise_is_repeated_by_its_seed_and_new_at_each_call():
    w = np.array([1.0, 2.0])

    def two_calls(seed):
        gradient = noisy(bowl().grad, 0.5, np.random.default_rng(seed))
        return gradient(w), gradient(w)

    np.testing.assert_array_equal(two_calls(3), two_calls(3))
    assert (two_calls(3)[0] != two_calls(3)[1]).all() and (two_calls(3)[0] != two_calls(4)[0]).all()


def test_noise_is_the_generator_s_own_added_to_the_gradient():
    w = np.array([1.0, 2.0])
    drawn = np.random.default_rng(3).standard_normal(2)
    np.testing.assert_array_equal(noisy(bowl().grad, 0.5, np.random.default_rng(3))(w), bowl().grad(w) + 0.5 * drawn)


def test_no_noise_is_the_gradient():
    w = np.array([1.0, 2.0])
    np.testing.assert_array_equal(noisy(bowl().grad, 0.0, np.random.default_rng(0))(w), bowl().grad(w))


def test_noise_on_a_surface_and_on_a_dictionary():
    w = np.array([1.0, 2.0])
    by_gradient, by_surface = (noisy(what, 0.5, np.random.default_rng(3))(w) for what in (bowl().grad, bowl()))
    np.testing.assert_array_equal(by_gradient, by_surface)
    named = noisy(lambda w: w, 0.5, np.random.default_rng(3))({"W": np.array([1.0, 2.0]), "b": 3.0})
    drawn = 0.5 * np.random.default_rng(3).standard_normal(3)
    np.testing.assert_array_equal([*named["W"], named["b"]], [1.0, 2.0, 3.0] + drawn)


def test_noise_keeps_single_precision():
    assert noisy(bowl().grad, 0.5, np.random.default_rng(0))(np.ones(2, np.float32)).dtype == np.float32


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf, "1", [0.1, 0.2]])
def test_the_deviation_of_noise_is_a_number(sigma):
    with pytest.raises(ValueError, match="sigma must be a finite number, 0 or above, got"):
        noisy(bowl().grad, sigma, np.random.default_rng(0))


def test_noise_needs_a_gradient_and_a_generator():
    with pytest.raises(TypeError, match="grad must be a gradient, a function of w, got 3"):
        noisy(3, 1.0, np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"rng must be a generator, as np.random.default_rng\(0\) makes one, got 0"):
        noisy(bowl().grad, 1.0, 0)


# steps_to_reach

LINE = Surface("a line", f=lambda w: w[0], grad=lambda w: w, minimum=(1.0, 1.0))


def along_W(*distances):
    """A path at these distances from (1, 1), first to the right, then above, in turn."""
    return np.array([(1 + d, 1.0) if t % 2 == 0 else (1.0, 1 + d) for t, d in enumerate(distances)])


@pytest.mark.parametrize(
    "distances, step",
    [
        ((5, 4, 3, 0.5, 0.4), 3),
        ((5, 0.5, 3, 0.5, 0.4), 3),  # once inside is not to stay inside
        ((0.5, 0.4), 0),  # from the start on
        ((5, 4, 3), np.nan),
        ((0.5, 0.4, 3), np.nan),  # inside, and out again
        ((5, 1.0), 1),  # the edge belongs to it
        ((5, 1.001), np.nan),
        ((5, -0.5), 1),
    ],
    ids=str,
)
def test_steps_to_reach_by_hand(distances, step):
    reached = steps_to_reach(Path(along_W(*distances), 0), LINE, within=1.0)
    np.testing.assert_equal(float(reached), step)


def test_steps_to_reach_measures_the_straight_distance():
    path = Path(np.array([[9.0, 9.0], [1.6, 1.8]]), 0)  # (0.6, 0.8) away: 1
    assert steps_to_reach(path, LINE, within=1.001) == 1
    assert np.isnan(steps_to_reach(path, LINE, within=0.999))


def test_steps_to_reach_on_a_grid_and_of_runs_that_are_lost():
    runs = np.stack(
        [along_W(5, 4, 0.5, 0.4), along_W(0.5, 0.5, 0.5, 0.5), along_W(5, 4, 3, 2), along_W(5, 0.5, np.nan, np.nan)],
        axis=-1,
    )
    path = Path(runs, np.array([0, 0, 0, 2]))
    np.testing.assert_array_equal(steps_to_reach(path, LINE, within=1), [2, 0, np.nan, np.nan])
    # The last as a single run: cut where it is lost, it ends inside.
    assert np.isnan(steps_to_reach(Path(along_W(5, 0.5), 2), LINE, within=1))


def test_steps_to_reach_of_a_run():
    # The distance is 5 * 0.9^t: below 0.01 from t = 59 on, as 0.9^58 * 5 = 0.0111.
    path = descend(gradient_descent, bowl((1, 1)).grad, (-3, 4), 100, lr=0.1)
    assert steps_to_reach(path, bowl((1, 1)), within=0.01) == np.ceil(np.log(0.01 / 5) / np.log(0.9)) == 59


def test_steps_to_reach_of_a_dictionary():
    w = along_W(5, 4, 0.5, 0.4)
    assert steps_to_reach(Path({"W": w[:, 0], "b": w[:, 1]}, 0), LINE, within=1) == 2


def test_a_distance_of_nothing_is_one():
    assert steps_to_reach(Path(along_W(5, 4, 0, 0), 0), LINE, within=0) == 2


@pytest.mark.parametrize("within", [-1, np.nan, "1"])
def test_a_distance_is_a_number(within):
    with pytest.raises(ValueError, match="within must be a finite distance, 0 or above"):
        steps_to_reach(Path(along_W(5, 4), 0), LINE, within)


def test_there_must_be_something_to_reach():
    nowhere = Surface("slope", LINE.f, LINE.grad, None)
    with pytest.raises(ValueError, match="the surface slope names no minimum"):
        steps_to_reach(Path(along_W(5, 4), 0), nowhere, within=1)
    with pytest.raises(ValueError, match=r"over two numbers, W and b, got positions of the shape \(3,\)"):
        steps_to_reach(Path(np.ones((4, 3)), 0), LINE, within=1)
