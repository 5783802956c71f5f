"""Correct solutions of assignment 6, written in other ways. Each cell is tried alone and must get full marks."""

# %% slopes: in place, on a copy
def slopes(f, w, h=1e-5):
    w = np.array(w, dtype=float)
    found = np.empty_like(w)
    for i, value in np.ndenumerate(w.copy()):
        w[i] = value + h
        up = f(w.copy())
        w[i] = value - h
        down = f(w.copy())
        w[i] = value
        found[i] = (up - down) / (2 * h)
    return found

# %% slopes: a row of the identity for each entry
def slopes(f, w, h=1e-5):
    w = np.asarray(w, float)
    pushes = h * np.eye(w.size).reshape(w.size, *w.shape)
    return np.reshape([(f(w + push) - f(w - push)) / (2 * h) for push in pushes], w.shape)

# %% gradient: row by row
def gradient(params, X, Y):
    W1, b1, W2, b2 = [np.array(part, dtype=float) for part in params]
    sums = [np.zeros(part.shape) for part in (W1, b1, W2, b2)]
    for x, y in zip(np.array(X, dtype=float), np.array(Y, dtype=float)):
        h = np.tanh(x @ W1 + b1)
        dz = h @ W2 + b2 - y
        dh = (W2 @ dz) * (1 - h * h)
        for total, part in zip(sums, (np.outer(x, dh), dh, np.outer(h, dz), dz)):
            total += part
    return [total / len(X) for total in sums]

# %% gradient: einsum, and the mean at the end
def gradient(params, X, Y):
    W1, b1, W2, b2 = map(np.asarray, params)
    X, Y = np.asarray(X), np.asarray(Y)
    h = np.tanh(np.einsum("ni,ih->nh", X, W1) + b1)
    dz = h @ W2 + b2 - Y
    dh = np.einsum("no,ho->nh", dz, W2) / np.cosh(np.einsum("ni,ih->nh", X, W1) + b1) ** 2
    n = X.shape[0]
    return np.einsum("ni,nh->ih", X, dh) / n, dh.mean(axis=0), np.einsum("nh,no->ho", h, dz) / n, dz.mean(axis=0)

# %% adamw: Adam's step, then both taken off
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, before = memory
    t = before + 1
    v = np.multiply(beta1, v) + np.multiply(1 - beta1, dw)
    s = np.multiply(beta2, s) + np.multiply(1 - beta2, np.square(dw))
    step = v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
    return np.subtract(w, lr * (step + np.multiply(decay, w))), (v, s, t)

# %% adamw: in place, on copies
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    w, g = np.array(w, dtype=float), np.array(dw, dtype=float)
    v = np.broadcast_to(memory[0], g.shape).astype(float)
    s = np.broadcast_to(memory[1], g.shape).astype(float)
    t = memory[2] + 1
    v += (1 - beta1) * (g - v)
    s += (1 - beta2) * (g * g - s)
    w *= 1 - lr * decay
    w -= lr * (v / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
    return w, [v, s, t]

# %% schedule: two lines, one after the other
def schedule(peak, warm, steps):
    up = [peak * t / warm for t in range(1, warm + 1)]
    down = [peak * (steps + 1 - t) / (steps + 1 - warm) for t in range(warm + 1, steps + 1)]
    return np.array(up + down)

# %% schedule: linspace
def schedule(peak, warm, steps):
    up, down = np.linspace(0, peak, warm + 1), np.linspace(peak, 0, steps + 2 - warm)
    return np.concatenate([up[1:], down[1:-1]])
