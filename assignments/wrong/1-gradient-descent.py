"""Typical wrong solutions of assignment 1. Each cell loses points of its own task, and no others.

A student whose answers are just those of a cell reads its title, and is sent to the equation that `# See:` names (it holds
for the task until the next).
"""

# %% path: rows that alias one array
# See: eq-1-1
def path(gradient, start, steps, lr):
    w = np.array(start, dtype=float)
    places = [w]
    for _ in range(steps):
        w -= lr * gradient(w)
        places.append(w)
    return np.array(places)

# %% path: whole numbers truncated
def path(gradient, start, steps, lr):
    start = np.array(start)
    places = np.empty((steps + 1,) + start.shape, dtype=start.dtype)
    places[0] = start
    for t in range(steps):
        places[t + 1] = places[t] - lr * gradient(places[t])
    return places

# %% path: the caller's array changed
def path(gradient, start, steps, lr):
    w = np.asarray(start, dtype=float)
    places = [w.copy()]
    for _ in range(steps):
        w -= lr * gradient(w)
        places.append(w.copy())
    return np.array(places)

# %% path: places shared between runs
def path(gradient, start, steps, lr, places=[]):
    w = np.array(start, dtype=float)
    places.append(w)
    for _ in range(steps):
        w = w - lr * gradient(w)
        places.append(w)
    return np.array(places[-steps - 1:]) if len(places) == steps + 1 else places

# %% path: the start left out
def path(gradient, start, steps, lr):
    w = np.array(start, dtype=float)
    places = []
    for _ in range(steps):
        w = w - lr * gradient(w)
        places.append(w)
    return np.array(places)

# %% path: one step too few
def path(gradient, start, steps, lr):
    places = [np.array(start, dtype=float)]
    for _ in range(1, steps):
        places.append(places[-1] - lr * gradient(places[-1]))
    return np.array(places)

# %% path: uphill
def path(gradient, start, steps, lr):
    places = [np.array(start, dtype=float)]
    for _ in range(steps):
        places.append(places[-1] + lr * gradient(places[-1]))
    return np.array(places)

# %% path: one gradient for all steps
def path(gradient, start, steps, lr):
    start = np.array(start, dtype=float)
    dw = gradient(start)
    return np.array([start - t * lr * dw for t in range(steps + 1)])

# %% largest-lr: the smallest eigenvalue
# See: eq-1-3
def largest_lr(H):
    return 2 / np.linalg.eigvalsh(H).min()

# %% largest-lr: 1 instead of 2
def largest_lr(H):
    return 1 / np.linalg.eigvalsh(H).max()

# %% largest-lr: the diagonal taken for the eigenvalues
def largest_lr(H):
    return 2 / np.diag(H).max()

# %% largest-lr: the best instead of the largest
def largest_lr(H):
    values = np.linalg.eigvalsh(H)
    return 2 / (values.min() + values.max())

# %% largest-lr: the last eigenvalue, in whatever order they come
def largest_lr(H):
    return 2 / np.linalg.eigvals(H)[-1]

# %% run-until: nan is not noticed
# See: eq-1-1
def run_until(gradient, start, lr, tol, most):
    w = np.array(start, dtype=float)
    for t in range(most + 1):
        if np.any(np.abs(w) > 1e6):
            return w, t, "diverged"
        if np.linalg.norm(gradient(w)) < tol:
            return w, t, "arrived"
        if t < most:
            w = w - lr * gradient(w)
    return w, most, "gave up"

# %% run-until: the size forgotten, so that minus a billion is small
def run_until(gradient, start, lr, tol, most):
    w = np.array(start, dtype=float)
    for t in range(most + 1):
        if not np.all(w <= 1e6):
            return w, t, "diverged"
        if np.linalg.norm(gradient(w)) < tol:
            return w, t, "arrived"
        if t < most:
            w = w - lr * gradient(w)
    return w, most, "gave up"

# %% run-until: the largest entry taken for the length
def run_until(gradient, start, lr, tol, most):
    w = np.array(start, dtype=float)
    for t in range(most + 1):
        if not np.all(np.abs(w) <= 1e6):
            return w, t, "diverged"
        if np.abs(gradient(w)).max() < tol:
            return w, t, "arrived"
        if t < most:
            w = w - lr * gradient(w)
    return w, most, "gave up"

# %% run-until: off by one, steps counted from 1
def run_until(gradient, start, lr, tol, most):
    w = np.array(start, dtype=float)
    for t in range(1, most + 1):
        w = w - lr * gradient(w)
        if not np.all(np.abs(w) <= 1e6):
            return w, t, "diverged"
        if np.linalg.norm(gradient(w)) < tol:
            return w, t, "arrived"
    return w, most, "gave up"

# %% run-until: the gradient of the step before
def run_until(gradient, start, lr, tol, most):
    w, t = np.array(start, dtype=float), 0
    while True:
        if not np.all(np.abs(w) <= 1e6):
            return w, t, "diverged"
        if t == most:
            return w, t, "gave up"
        dw = gradient(w)
        w, t = w - lr * dw, t + 1
        if np.linalg.norm(dw) < tol:
            return w, t, "arrived"

# %% best-lr: nan wins
# See: eq-1-5
def best_lr(path, gradient, start, steps, lrs):
    distances = [np.linalg.norm(path(gradient, start, steps, lr), axis=1) for lr in lrs]
    factors = [(d[steps] / d[steps // 2]) ** (2 / steps) for d in distances]
    k = np.argmin(factors)
    return lrs[k], factors[k]

# %% best-lr: the shrinking of the whole half, not per step
def best_lr(path, gradient, start, steps, lrs):
    distances = [np.linalg.norm(path(gradient, start, steps, lr), axis=1) for lr in lrs]
    factors = [d[steps] / d[steps // 2] for d in distances]
    k = np.nanargmin(factors)
    return lrs[k], factors[k]

# %% best-lr: measured from the start
def best_lr(path, gradient, start, steps, lrs):
    distances = [np.linalg.norm(path(gradient, start, steps, lr), axis=1) for lr in lrs]
    factors = [(d[steps] / d[0]) ** (1 / steps) for d in distances]
    k = np.nanargmin(factors)
    return lrs[k], factors[k]

# %% best-lr: the largest factor
def best_lr(path, gradient, start, steps, lrs):
    distances = [np.linalg.norm(path(gradient, start, steps, lr), axis=1) for lr in lrs]
    factors = [(d[steps] / d[steps // 2]) ** (2 / steps) for d in distances]
    k = np.nanargmax(factors)
    return lrs[k], factors[k]

# %% best-lr: the learning rates sorted in place
def best_lr(path, gradient, start, steps, lrs):
    lrs.sort()
    distances = [np.linalg.norm(path(gradient, start, steps, lr), axis=1) for lr in lrs]
    factors = [(d[steps] / d[steps // 2]) ** (2 / steps) for d in distances]
    k = np.nanargmin(factors)
    return lrs[k], factors[k]
