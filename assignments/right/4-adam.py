"""Correct solutions of assignment 4, written in other ways. Each cell is tried alone and must get full marks."""

# %% ewma: a step from v towards x
def ewma(v, x, beta):
    v, x = np.array(v), np.array(x)
    return v + (1 - beta) * (x - v)

# %% ewma: in place, on a copy
def ewma(v, x, beta):
    average = np.array(v, dtype=float)
    average *= beta
    average += (1 - beta) * np.asarray(x)
    return average

# %% adam: in place, on copies
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    g = np.array(dw, dtype=float)
    v = np.broadcast_to(memory[0], g.shape).astype(float)
    s = np.broadcast_to(memory[1], g.shape).astype(float)
    t = memory[2] + 1
    v *= beta1
    v += (1 - beta1) * g
    s *= beta2
    s += (1 - beta2) * g * g
    step = (v / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
    return np.array(w) - lr * step, [v, s, t]

# %% adam: both corrections in the learning rate
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, before = memory
    t = before + 1
    v = np.multiply(beta1, v) + np.multiply(1 - beta1, dw)
    s = np.multiply(beta2, s) + np.multiply(1 - beta2, np.square(dw))
    root = np.sqrt(1 - beta2**t)
    rate = lr * root / (1 - beta1**t)
    return np.subtract(w, rate * v / (np.sqrt(s) + eps * root)), (v, s, t)

# %% follow: next, until there is no more
def follow(rule, stream, start, memory):
    gradients = iter(stream)
    rows = [np.array(start, dtype=float)]
    while True:
        try:
            dw = next(gradients)
        except StopIteration:
            return np.array(rows)
        w, memory = rule(rows[-1].copy(), dw, memory)
        rows.append(w)

# %% follow: the stream read into a list first
def follow(rule, stream, start, memory):
    gradients = list(stream)
    w = np.asarray(start, float)
    out = np.zeros((len(gradients) + 1,) + w.shape)
    out[0] = w
    for t, dw in enumerate(gradients):
        out[t + 1], memory = rule(out[t], dw, memory)
    return out

# %% first-move: the step itself, from zero
def first_move(g, lr, eps):
    g = np.array(g, float)
    return -lr * g / (np.sqrt(g**2) + eps)

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    g = np.array(g, float)
    v, s = (1 - beta1) * g, (1 - beta2) * g**2
    return -lr * v / (np.sqrt(s) + eps)

# %% first-move: one gradient after the other
def first_move(g, lr, eps):
    if np.ndim(g):
        return [first_move(one, lr, eps) for one in g]
    return -lr * g / (abs(g) + eps)

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    if np.ndim(g):
        return [first_move_uncorrected(one, lr, beta1, beta2, eps) for one in g]
    return -lr * (1 - beta1) * g / ((1 - beta2) ** 0.5 * abs(g) + eps)
