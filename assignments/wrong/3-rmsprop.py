"""Typical wrong solutions of assignment 3. Each cell loses points of its own task, and no others.

A student whose answers are just those of a cell reads its title, and is sent to the equation that `# See:` names (it holds
for the task until the next).
"""

# %% rmsprop: eps inside the root
# See: eq-17
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = beta2 * s + (1 - beta2) * dw**2
    return w - lr * dw / np.sqrt(s + eps), s

# %% rmsprop: beta2 and 1 - beta2 swapped
# See: eq-15
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = (1 - beta2) * s + beta2 * dw**2
    return w - lr * dw / (np.sqrt(s) + eps), s

# %% rmsprop: divided by s, not by its root
# See: eq-17
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = beta2 * s + (1 - beta2) * dw**2
    return w - lr * dw / (s + eps), s

# %% rmsprop: the gradient not squared
# See: eq-15
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = beta2 * s + (1 - beta2) * np.abs(dw)
    return w - lr * dw / (np.sqrt(s) + eps), s

# %% rmsprop: Adagrad's sum
# See: eq-3-3
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = s + dw**2
    return w - lr * dw / (np.sqrt(s) + eps), s

# %% rmsprop: one s for all parameters
# See: eq-3-2
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = beta2 * s + (1 - beta2) * np.mean(dw**2)
    return w - lr * dw / (np.sqrt(s) + eps), s

# %% rmsprop: the old s in the step
# See: eq-17
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    return w - lr * dw / (np.sqrt(s) + eps), beta2 * s + (1 - beta2) * dw**2

# %% rmsprop: the caller's s changed
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw = (np.asarray(x, dtype=float) for x in (w, dw))
    s = s + 0 * dw if np.shape(s) != np.shape(dw) else np.asarray(s, dtype=float)
    s *= beta2
    s += (1 - beta2) * dw**2
    return w - lr * dw / (np.sqrt(s) + eps), s

# %% rmsprop: whole numbers truncated
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw = np.array(w), np.array(dw)
    mean = np.zeros_like(w)
    mean[...] = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * dw / (np.sqrt(mean) + eps), mean

# %% rmsprop: uphill
def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = (np.asarray(x, dtype=float) for x in (w, dw, s))
    s = beta2 * s + (1 - beta2) * dw**2
    return w + lr * dw / (np.sqrt(s) + eps), s

# %% where-is-eps: a gradient so large that eps does not show
def where_is_eps(rule):
    w, s = rule(0.0, 1.0, 0.0, 0.1, 0.9, 1e-8)
    if np.isclose(w, -0.1 / (np.sqrt(s) + 1e-8)):
        return "outside"
    return "inside" if np.isclose(w, -0.1 / np.sqrt(s + 1e-8)) else "elsewhere"

# %% where-is-eps: numbers so small that everything is close
def where_is_eps(rule):
    w, s = rule(0.0, 1e-9, 0.0, 1e-6, 0.9, 1e-6)
    if np.isclose(w, -1e-15 / np.sqrt(s + 1e-6)):
        return "inside"
    return "outside" if np.isclose(w, -1e-15 / (np.sqrt(s) + 1e-6)) else "elsewhere"

# %% where-is-eps: whatever is not outside is taken for inside
def where_is_eps(rule):
    w, s = rule(0.0, 3.0, 0.0, 0.7, 0.9, 0.5)
    return "outside" if np.isclose(w, -2.1 / (np.sqrt(s) + 0.5)) else "inside"

# %% where-is-eps: the two names swapped
def where_is_eps(rule):
    w, s = rule(0.0, 3.0, 0.0, 0.7, 0.9, 0.5)
    if np.isclose(w, -2.1 / (np.sqrt(s) + 0.5)):
        return "inside"
    return "outside" if np.isclose(w, -2.1 / np.sqrt(s + 0.5)) else "elsewhere"

# %% scale-gap: the memory of the first run goes into the second
def scale_gap(rule, gradient, start, steps, factor):
    memory, paths = 0.0, []
    for times in (1, factor):
        w = np.array(start, dtype=float)
        places = [w]
        for _ in range(steps):
            w, memory = rule(w, times * gradient(w), memory)
            places.append(w)
        paths.append(np.array(places))
    return np.abs(paths[1] - paths[0]).max()

# %% scale-gap: only the last places compared
def scale_gap(rule, gradient, start, steps, factor):
    ends = []
    for times in (1, factor):
        w, memory = np.array(start, dtype=float), 0.0
        for _ in range(steps):
            w, memory = rule(w, times * gradient(w), memory)
        ends.append(w)
    return np.abs(ends[1] - ends[0]).max()

# %% scale-gap: differences below zero not counted
def scale_gap(rule, gradient, start, steps, factor):
    paths = []
    for times in (1, factor):
        w, memory = np.array(start, dtype=float), 0.0
        places = [w]
        for _ in range(steps):
            w, memory = rule(w, times * gradient(w), memory)
            places.append(w)
        paths.append(np.array(places))
    return (paths[1] - paths[0]).max()

# %% scale-gap: the place scaled instead of the loss
def scale_gap(rule, gradient, start, steps, factor):
    paths = []
    for times in (1, factor):
        w, memory = times * np.array(start, dtype=float), 0.0
        places = [w]
        for _ in range(steps):
            w, memory = rule(w, gradient(w), memory)
            places.append(w)
        paths.append(np.array(places))
    return np.abs(paths[1] - paths[0]).max()

# %% scheduled: t from 0
def scheduled(rule, gradient, start, steps, schedule):
    w, memory = np.array(start, dtype=float), 0.0
    places = [w]
    for t in range(steps):
        w, memory = rule(w, gradient(w), memory, schedule(t))
        places.append(w)
    return np.array(places)

# %% scheduled: off by one at t, from 2
def scheduled(rule, gradient, start, steps, schedule):
    w, memory, t = np.array(start, dtype=float), 0.0, 1
    places = [w]
    while len(places) <= steps:
        t = t + 1
        w, memory = rule(w, gradient(w), memory, schedule(t))
        places.append(w)
    return np.array(places)

# %% scheduled: the memory not handed on
def scheduled(rule, gradient, start, steps, schedule):
    w = np.array(start, dtype=float)
    places = [w]
    for t in range(1, steps + 1):
        w, memory = rule(w, gradient(w), 0.0, schedule(t))
        places.append(w)
    return np.array(places)

# %% scheduled: asked once, before the run
def scheduled(rule, gradient, start, steps, schedule):
    w, memory = np.array(start, dtype=float), 0.0
    places, lr = [w], schedule(1)
    for _ in range(steps):
        w, memory = rule(w, gradient(w), memory, lr)
        places.append(w)
    return np.array(places)

# %% scheduled: rows that alias one array, which is the caller's
def scheduled(rule, gradient, start, steps, schedule):
    w, memory = np.asarray(start, dtype=float), 0.0
    places = [w]
    for t in range(1, steps + 1):
        w[...], memory = rule(w, gradient(w), memory, schedule(t))
        places.append(w)
    return np.array(places)
