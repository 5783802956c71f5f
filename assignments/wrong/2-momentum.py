"""Typical wrong solutions of assignment 2. Each cell loses points of its own task, and no others.

A student whose answers are just those of a cell reads its title, and is sent to the equation that `# See:` names (it holds
for the task until the next).
"""

# %% heavy-ball: an average instead of a sum
# See: eq-2-8
def heavy_ball(w, dw, v, lr, beta1):
    v = beta1 * np.asarray(v) + (1 - beta1) * np.asarray(dw)
    return np.asarray(w) - lr * v, v

# %% heavy-ball: the step along the old velocity
def heavy_ball(w, dw, v, lr, beta1):
    w = np.asarray(w) - lr * np.asarray(v)
    return w, beta1 * np.asarray(v) + np.asarray(dw)

# %% heavy-ball: the caller's velocity changed
def heavy_ball(w, dw, v, lr, beta1):
    v = np.asarray(v, dtype=float)
    v *= beta1
    v += np.asarray(dw)
    return np.asarray(w) - lr * v, v

# %% heavy-ball: the learning rate in the velocity
def heavy_ball(w, dw, v, lr, beta1):
    v = beta1 * np.asarray(v) + lr * np.asarray(dw)
    return np.asarray(w) - v, v

# %% heavy-ball: beta1 on the gradient
def heavy_ball(w, dw, v, lr, beta1):
    v = np.asarray(v) + beta1 * np.asarray(dw)
    return np.asarray(w) - lr * v, v

# %% heavy-ball: whole numbers truncated
def heavy_ball(w, dw, v, lr, beta1):
    w, dw = np.array(w), np.array(dw)
    v_new = np.zeros_like(w)
    v_new[...] = beta1 * np.asarray(v) + dw
    return w - lr * v_new, v_new

# %% heavy-ball: uphill
def heavy_ball(w, dw, v, lr, beta1):
    v = beta1 * np.asarray(v, dtype=float) + np.asarray(dw, dtype=float)
    return np.asarray(w, dtype=float) + lr * v, v

# %% two-forms: beta1 and 1 - beta1 swapped
# See: eq-1
def momentum(w, dw, v, lr, beta1):
    v = (1 - beta1) * np.asarray(v) + beta1 * np.asarray(dw)
    return np.asarray(w) - lr * v, v

def same_path_lr(lr, beta1):
    return lr / (1 - beta1)

# %% two-forms: the learning rate the wrong way round
# See: eq-2-8
def momentum(w, dw, v, lr, beta1):
    v = beta1 * np.asarray(v) + (1 - beta1) * np.asarray(dw)
    return np.asarray(w) - lr * v, v

def same_path_lr(lr, beta1):
    return lr * (1 - beta1)

# %% two-forms: the state shared between runs
speed = None

def momentum(w, dw, v, lr, beta1):
    global speed
    speed = np.asarray(v) if speed is None else speed
    speed = beta1 * speed + (1 - beta1) * np.asarray(dw)
    return np.asarray(w) - lr * speed, speed

def same_path_lr(lr, beta1):
    return lr / (1 - beta1)

# %% two-forms: uphill
def momentum(w, dw, v, lr, beta1):
    v = beta1 * np.asarray(v, dtype=float) + (1 - beta1) * np.asarray(dw, dtype=float)
    return np.asarray(w, dtype=float) + lr * v, v

def same_path_lr(lr, beta1):
    return lr / (1 - beta1)

# %% nesterov: the gradient where it stands, so no looking ahead
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v, places = 0 * w, [w]
    for _ in range(steps):
        v = beta1 * v + gradient(w)
        w = w - lr * v
        places.append(w)
    return np.array(places)

# %% nesterov: looks ahead by the whole velocity
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v, places = 0 * w, [w]
    for _ in range(steps):
        v = beta1 * v + gradient(w - lr * v)
        w = w - lr * v
        places.append(w)
    return np.array(places)

# %% nesterov: looks back instead of ahead
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v, places = 0 * w, [w]
    for _ in range(steps):
        v = beta1 * v + gradient(w + lr * beta1 * v)
        w = w - lr * v
        places.append(w)
    return np.array(places)

# %% nesterov: steps from the place ahead, and so takes the old velocity twice
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v, places = 0 * w, [w]
    for _ in range(steps):
        ahead = w - lr * beta1 * v
        v = beta1 * v + gradient(ahead)
        w = ahead - lr * v
        places.append(w)
    return np.array(places)

# %% nesterov: rows that alias one array
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v, places = 0 * w, [w]
    for _ in range(steps):
        v = beta1 * v + gradient(w - lr * beta1 * v)
        w -= lr * v
        places.append(w)
    return np.array(places)

# %% nesterov: the velocity shared between runs
def nesterov(gradient, start, steps, lr, beta1, memory={}):
    w = np.array(start, dtype=float)
    places = [w]
    for _ in range(steps):
        v = memory.get(w.shape, 0 * w)
        v = beta1 * v + gradient(w - lr * beta1 * v)
        memory[w.shape] = v
        w = w - lr * v
        places.append(w)
    return np.array(places)

# %% nesterov: uphill
def nesterov(gradient, start, steps, lr, beta1):
    w = np.array(start, dtype=float)
    v, places = np.zeros_like(w), [w]
    for _ in range(steps):
        v = beta1 * v + gradient(w + lr * beta1 * v)
        w = w + lr * v
        places.append(w)
    return np.array(places)

# %% best-pair: the matrix of the averaging form
# See: eq-2-3
def best_pair(curvatures, lrs, betas):
    best = (None, None, np.inf)
    for lr in lrs:
        for b in betas:
            matrices = [[[b, (1 - b) * lam], [-lr * b, 1 - lr * (1 - b) * lam]] for lam in curvatures]
            rate = np.abs(np.linalg.eigvals(matrices)).max()
            if rate < best[2]:
                best = (lr, b, rate)
    return best

# %% best-pair: the quickest direction instead of the slowest
def best_pair(curvatures, lrs, betas):
    best = (None, None, np.inf)
    for lr in lrs:
        for b in betas:
            rates = [np.abs(np.linalg.eigvals([[b, lam], [-lr * b, 1 - lr * lam]])).max() for lam in curvatures]
            if min(rates) < best[2]:
                best = (lr, b, min(rates))
    return best

# %% best-pair: the real part taken for the size
def best_pair(curvatures, lrs, betas):
    best = (None, None, np.inf)
    for lr in lrs:
        for b in betas:
            matrices = [[[b, lam], [-lr * b, 1 - lr * lam]] for lam in curvatures]
            rate = np.linalg.eigvals(matrices).real.max()
            if rate < best[2]:
                best = (lr, b, rate)
    return best

# %% best-pair: only the steepest direction
def best_pair(curvatures, lrs, betas):
    best = (None, None, np.inf)
    for lr in lrs:
        for b in betas:
            lam = max(curvatures)
            rate = np.abs(np.linalg.eigvals([[b, lam], [-lr * b, 1 - lr * lam]])).max()
            if rate < best[2]:
                best = (lr, b, rate)
    return best
