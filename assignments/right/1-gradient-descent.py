"""Correct solutions of assignment 1, written in other ways. Each cell is tried alone and must get full marks."""

# %% path: an array filled row by row, the place changed in place
def path(gradient, start, steps, lr):
    w = np.array(start, dtype=np.float64)
    out = np.empty((steps + 1,) + w.shape)
    out[0] = w
    for t in range(1, steps + 1):
        w -= lr * gradient(w)
        out[t] = w
    return out

# %% path: a list of copies
def path(gradient, start, steps, lr):
    x = 1.0 * np.asarray(start)
    rows = [x.copy()]
    while len(rows) <= steps:
        x = x - lr * np.asarray(gradient(x))
        rows.append(x.copy())
    return rows

# %% path: recursive
def path(gradient, start, steps, lr):
    if steps == 0:
        return [np.array(start, float)]
    before = path(gradient, start, steps - 1, lr)
    return before + [before[-1] - lr * gradient(before[-1])]

# %% largest-lr: the spectral norm, which is the largest eigenvalue here
def largest_lr(H):
    return 2 / np.linalg.norm(np.array(H, float), 2)

# %% largest-lr: eigenvalues of a matrix not known to be symmetric
def largest_lr(H):
    values, vectors = np.linalg.eig(np.array(H))
    return float(2.0 / max(values.real))

# %% run-until: a for loop over the steps
def run_until(gradient, start, lr, tol, most):
    w = np.asarray(start) + 0.0
    for t in range(most + 1):
        if not np.isfinite(w).all() or np.any(w > 1e6) or np.any(w < -1e6):
            return w, t, "diverged"
        length = np.sqrt(np.sum(np.asarray(gradient(w)) ** 2))
        if length < tol:
            return w, t, "arrived"
        if t < most:
            w = w - lr * gradient(w)
    return w, most, "gave up"

# %% run-until: in place, on a copy, with NumPy's warnings off
def run_until(gradient, start, lr, tol, most):
    w, taken = np.array(start, dtype=float), 0
    with np.errstate(all="ignore"):
        while True:
            size = np.max(np.abs(w))
            if np.isnan(size) or size > 10**6:
                why = "diverged"
                break
            dw = gradient(w)
            if (dw**2).sum() < tol**2:
                why = "arrived"
                break
            if taken >= most:
                why = "gave up"
                break
            w -= lr * dw
            taken += 1
    return [w, taken, why]

# %% best-lr: all factors in a list, then the least that is a number
def best_lr(path, gradient, start, steps, lrs):
    half = steps // 2
    factors = []
    for lr in lrs:
        w = np.asarray(path(gradient, start, steps, lr))
        d = np.sqrt((w**2).sum(axis=1))
        factors.append((d[-1] / d[half]) ** (2 / steps))
    k = np.nanargmin(factors)
    return lrs[k], factors[k]

# %% best-lr: logarithms
def best_lr(path, gradient, start, steps, lrs):
    def log_factor(lr):
        w = path(gradient, start, steps, lr)
        late, early = np.hypot(*w[steps]), np.hypot(*w[steps // 2])
        answer = (np.log(late) - np.log(early)) / (steps / 2)
        return answer if np.isfinite(answer) else np.inf

    best = min(lrs, key=log_factor)
    return best, np.exp(log_factor(best))
