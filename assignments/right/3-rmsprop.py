"""Correct solutions of assignment 3, written in other ways. Each cell is tried alone and must get full marks."""

# %% rmsprop: the average changed in place, on a copy
def rmsprop(w, dw, s, lr, beta2, eps):
    g = np.array(dw, dtype=float)
    mean_square = np.broadcast_to(s, g.shape).astype(float)
    mean_square *= beta2
    mean_square += (1 - beta2) * np.square(g)
    return w - lr * g / (mean_square**0.5 + eps), mean_square

# %% rmsprop: a learning rate for each parameter
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = np.array(w), np.array(dw), np.array(s)
    s = s + (1 - beta2) * (dw * dw - s)
    own_rate = lr / (eps + np.sqrt(s))
    return [w - own_rate * dw, s]

# %% where-is-eps: from the divisor, computed back out of the step
def where_is_eps(rule):
    w, s = rule(np.array([0.0]), np.array([2.0]), np.array([1.0]), 1.0, 0.75, 0.3)
    divisor = 2.0 / -w[0]
    if abs(divisor - np.sqrt(s[0]) - 0.3) < 1e-9:
        return "outside"
    if abs(divisor**2 - s[0] - 0.3) < 1e-9:
        return "inside"
    return "elsewhere"

# %% where-is-eps: two epsilons, and what they change
def where_is_eps(rule):
    def divisors(eps):
        w, s = rule(0.0, 5.0, 0.0, 0.1, 0.8, eps)
        return 0.5 / -float(w), float(s)

    d0, s = divisors(1e-3)
    d1, s = divisors(2.0)
    if np.allclose([d0, d1], [s**0.5 + 1e-3, s**0.5 + 2.0], rtol=1e-9, atol=0):
        return "outside"
    if np.allclose([d0**2, d1**2], [s + 1e-3, s + 2.0], rtol=1e-9, atol=0):
        return "inside"
    return "elsewhere"

# %% scale-gap: both runs side by side, nothing kept but the gap
def scale_gap(rule, gradient, start, steps, factor):
    a = np.array(start, dtype=float)
    b = a.copy()
    memory_a = memory_b = 0.0
    gap = 0.0
    for _ in range(steps):
        a, memory_a = rule(a, gradient(a), memory_a)
        b, memory_b = rule(b, factor * gradient(b), memory_b)
        gap = max(gap, float(np.max(np.abs(a - b))))
    return gap

# %% scale-gap: two arrays of places
def scale_gap(rule, gradient, start, steps, factor):
    paths = []
    for times in (1.0, factor):
        w = 1.0 * np.array(start)
        places = np.zeros((steps + 1,) + w.shape)
        places[0], s = w, 0.0
        for t in range(1, steps + 1):
            places[t], s = rule(places[t - 1], times * gradient(places[t - 1]), s)
        paths.append(places)
    return np.max(np.abs(np.subtract(*paths)))

# %% scheduled: an array filled row by row
def scheduled(rule, gradient, start, steps, schedule):
    start = np.array(start, dtype=float)
    out = np.full((steps + 1, *start.shape), np.nan)
    out[0] = start
    s = 0.0
    for t in range(steps):
        out[t + 1], s = rule(out[t].copy(), gradient(out[t]), s, schedule(t + 1))
    return out

# %% scheduled: the learning rates first
def scheduled(rule, gradient, start, steps, schedule):
    rates = [schedule(t) for t in range(1, 1 + steps)]
    run = [(np.asarray(start) * 1.0, 0.0)]
    for lr in rates:
        place, memory = run[-1]
        run.append(rule(place, gradient(place), memory, lr))
    return [place for place, memory in run]
