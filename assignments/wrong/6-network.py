"""Typical wrong solutions of assignment 6. Each cell loses points of its own task, and no others.

A student whose answers are just those of a cell reads its title, and is sent to the equation that `# See:` names (it holds
for the task until the next).
"""

# %% slopes: pushed up only
def slopes(f, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    found = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        push = np.zeros(w.shape)
        push[i] = h
        found[i] = (f(w + push) - f(w)) / h
    return found

# %% slopes: the two pushes are 2h apart, and the division is by h
def slopes(f, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    found = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        push = np.zeros(w.shape)
        push[i] = h
        found[i] = (f(w + push) - f(w - push)) / h
    return found

# %% slopes: all entries pushed at once
def slopes(f, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    return np.full(w.shape, (f(w + h) - f(w - h)) / (2 * h))

# %% slopes: the push not taken back
def slopes(f, w, h=1e-5):
    w = np.array(w, dtype=float)
    found = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        w[i] += h
        up = f(w)
        w[i] -= 2 * h
        found[i] = (up - f(w)) / (2 * h)
    return found

# %% slopes: the caller's array pushed
def slopes(f, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    place, found = w.copy(), np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        w[...] = place
        w[i] = place[i] + h
        up = f(w)
        w[i] = place[i] - h
        found[i] = (up - f(w)) / (2 * h)
    return found

# %% slopes: whole numbers truncated
def slopes(f, w, h=1e-5):
    w = np.array(w)
    found = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[i] = w[i] + h
        down[i] = w[i] - h
        found[i] = (f(up) - f(down)) / (2 * h)
    return found

# %% gradient: summed over the rows, not averaged
# See: eq-7-2
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = h @ W2 + b2 - Y
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% gradient: a factor 2 too much, the half of the loss forgotten
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = 2 * (h @ W2 + b2 - Y) / len(X)
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% gradient: the slope of tanh forgotten
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = (h @ W2 + b2 - Y) / len(X)
    dh = dz @ W2.T
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% gradient: tanh taken twice in its slope
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = (h @ W2 + b2 - Y) / len(X)
    dh = dz @ W2.T * (1 - np.tanh(h) ** 2)
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% gradient: the means of the biases taken twice
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = (h @ W2 + b2 - Y) / len(X)
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.mean(axis=0), h.T @ dz, dz.mean(axis=0)

# %% gradient: Y minus z, uphill
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = (Y - h @ W2 - b2) / len(X)
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% gradient: the biases as tables of one row
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz = (h @ W2 + b2 - Y) / len(X)
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0, keepdims=True), h.T @ dz, dz.sum(axis=0, keepdims=True)

# %% gradient: the caller's targets changed
def gradient(params, X, Y):
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in params)
    X, dz = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    h = np.tanh(X @ W1 + b1)
    dz -= h @ W2 + b2
    dz = dz / -len(X)
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% gradient: lists are not arrays
def gradient(params, X, Y):
    W1, b1, W2, b2 = params
    h = np.tanh(np.matmul(X, W1) + b1)
    dz = (h @ W2 + b2 - Y) / len(X)
    dh = dz @ W2.T * (1 - h**2)
    return X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)

# %% adamw: the decay added to the gradient
# See: eq-8-1
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, t = np.asarray(w, dtype=float), t + 1
    dw = np.asarray(dw, dtype=float) + decay * w
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adamw: the decay not multiplied by the learning rate
# See: eq-8-2
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return (1 - decay) * w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adamw: Adam's own step decays, too
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return (1 - lr * decay) * (w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)), (v, s, t)

# %% adamw: no decay
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adamw: w grows instead of shrinking
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return (1 + lr * decay) * w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adamw: a fixed decay of 0.01
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return (1 - lr * 0.01) * w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adamw: no correction
# See: eq-5-8
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return (1 - lr * decay) * w - lr * v / (np.sqrt(s) + eps), (v, s, t)

# %% adamw: the caller's averages changed
# See: eq-8-2
def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v, s = (np.asarray(x, dtype=float) if np.ndim(x) else x + 0.0 * dw for x in (v, s))
    v *= beta1
    v += (1 - beta1) * dw
    s *= beta2
    s += (1 - beta2) * dw**2
    return (1 - lr * decay) * w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% schedule: counted from 0, the first rate is 0
# See: eq-7-4
def schedule(peak, warm, steps):
    t = np.arange(steps)
    return peak * np.minimum(t / warm, (steps + 1 - t) / (steps + 1 - warm))

# %% schedule: the last rate is already 0
def schedule(peak, warm, steps):
    t = np.arange(1, steps + 1)
    return peak * np.minimum(t / warm, (steps - t) / max(steps - warm, 1))

# %% schedule: the fall begins at the first step, and the peak is never reached
def schedule(peak, warm, steps):
    t = np.arange(1, steps + 1)
    return peak * np.minimum(t / warm, (steps + 1 - t) / steps)

# %% schedule: the peak twice, the fall divided by the steps after the warm-up
def schedule(peak, warm, steps):
    t = np.arange(1, steps + 1)
    return peak * np.minimum(t / warm, (steps + 1 - t) / max(steps - warm, 1))

# %% schedule: two straight lines that each include both their ends, so that the first rate is 0, and so is the last
def schedule(peak, warm, steps):
    return np.append(np.linspace(0, peak, warm), np.linspace(peak, 0, steps - warm))

# %% schedule: no fall after the warm-up
def schedule(peak, warm, steps):
    return peak * np.minimum(np.arange(1, steps + 1) / warm, 1)

# %% schedule: no warm-up
def schedule(peak, warm, steps):
    return peak * (steps + 1 - np.arange(1, steps + 1)) / steps

# %% schedule: one rate too many, the zero after the last step
def schedule(peak, warm, steps):
    t = np.arange(1, steps + 2)
    return peak * np.minimum(t / warm, (steps + 1 - t) / (steps + 1 - warm))
