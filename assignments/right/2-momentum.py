"""Correct solutions of assignment 2, written in other ways. Each cell is tried alone and must get full marks."""

# %% heavy-ball: the velocity changed in place, on a copy
def heavy_ball(w, dw, v, lr, beta1):
    speed = np.array(v, dtype=float)
    speed *= beta1
    speed = speed + np.array(dw)
    return np.array(w) - lr * speed, speed

# %% heavy-ball: the new place from the old velocity and the gradient
def heavy_ball(w, dw, v, lr, beta1):
    w, dw, v = (np.asarray(x, float) for x in (w, dw, v))
    return [w - lr * beta1 * v - lr * dw, dw + v * beta1]

# %% two-forms: the error form of an average
def momentum(w, dw, v, lr, beta1):
    w, dw, v = np.array(w), np.array(dw), np.array(v)
    v = v + (1 - beta1) * (dw - v)
    return w - lr * v, v

def same_path_lr(lr, beta1):
    window = 1 / (1 - beta1)
    return window * lr

# %% two-forms: the heavy ball, fed with a part of the gradient
def momentum(w, dw, v, lr, beta1):
    def ball(w, dw, v):
        v = np.multiply(beta1, v) + dw
        return np.subtract(w, lr * v), v

    return ball(w, np.multiply(1 - beta1, dw), v)

def same_path_lr(lr, beta1):
    return np.divide(lr, 1 - beta1)

# %% nesterov: an array filled row by row, everything in place
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v = 0 * w
    rows = np.zeros((steps + 1, *w.shape))
    rows[0] = w
    for t in range(steps):
        dw = gradient(w - lr * beta1 * v)
        v *= beta1
        v += dw
        w -= lr * v
        rows[t + 1] = w
    return rows

# %% nesterov: places only, the velocity is their difference
def nesterov(gradient, start, steps, lr, beta1):
    places = [np.array(start, dtype=float)]
    before = places[0]
    for _ in range(steps):
        ahead = places[-1] + beta1 * (places[-1] - before)
        before = places[-1]
        places.append(ahead - lr * gradient(ahead))
    return places

# %% best-pair: the quadratic equation, pair by pair
def best_pair(curvatures, lrs, betas):
    import cmath
    found = []
    for beta1 in betas:
        for lr in lrs:
            sizes = []
            for lam in curvatures:
                p = 1 + beta1 - lr * lam
                root = cmath.sqrt(p * p - 4 * beta1)
                sizes += [abs(p + root) / 2, abs(p - root) / 2]
            found.append((max(sizes), lr, beta1))
    rate, lr, beta1 = min(found)
    return lr, beta1, rate

# %% best-pair: the matrix with place first and velocity second, all pairs on a grid
def best_pair(curvatures, lrs, betas):
    rates = np.zeros((len(lrs), len(betas)))
    for i, a in enumerate(lrs):
        for j, b in enumerate(betas):
            for lam in curvatures:
                M = np.array([[1 - a * lam, -a * b], [lam, b]])
                rates[i, j] = max(rates[i, j], np.abs(np.linalg.eigvals(M)).max())
    i, j = np.unravel_index(rates.argmin(), rates.shape)
    return [lrs[i], betas[j], rates[i, j]]
