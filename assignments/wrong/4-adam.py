"""Typical wrong solutions of assignment 4. Each cell loses points of its own task, and no others.

A student whose answers are just those of a cell reads its title, and is sent to the equation that `# See:` names (it holds
for the task until the next).
"""

# %% ewma: beta and 1 - beta swapped
# See: eq-5-1
def ewma(v, x, beta):
    return (1 - beta) * np.asarray(v) + beta * np.asarray(x)

# %% ewma: the factor 1 - beta forgotten
def ewma(v, x, beta):
    return beta * np.asarray(v) + np.asarray(x)

# %% ewma: the caller's array changed
def ewma(v, x, beta):
    v = np.asarray(v, dtype=float)
    v *= beta
    v += (1 - beta) * np.asarray(x)
    return v

# %% ewma: whole numbers truncated
def ewma(v, x, beta):
    average = np.array(v)
    average[...] = beta * average + (1 - beta) * np.asarray(x)
    return average

# %% adam: eps inside the root
# See: eq-4-7
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1**t) / np.sqrt(s / (1 - beta2**t) + eps), (v, s, t)

# %% adam: beta and 1 - beta swapped
# See: eq-5-7
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = (1 - beta1) * np.asarray(v) + beta1 * dw
    s = (1 - beta2) * np.asarray(s) + beta2 * dw**2
    return w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adam: the correction stored in the state
# See: eq-5-8
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = (beta1 * np.asarray(v) + (1 - beta1) * dw) / (1 - beta1**t)
    s = (beta2 * np.asarray(s) + (1 - beta2) * dw**2) / (1 - beta2**t)
    return w - lr * v / (np.sqrt(s) + eps), (v, s, t)

# %% adam: t from 0
# See: eq-5-9
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw = np.asarray(w, dtype=float), np.asarray(dw, dtype=float)
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    v_hat = v / np.float64(1 - beta1**t)
    s_hat = s / np.float64(1 - beta2**t)
    return w - lr * v_hat / (np.sqrt(s_hat) + eps), (v, s, t + 1)

# %% adam: t stays where it is, and every step is the first
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw = np.asarray(w, dtype=float), np.asarray(dw, dtype=float)
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1) / (np.sqrt(s / (1 - beta2)) + eps), (v, s, t + 1)

# %% adam: off by one at t, two steps ahead
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1 ** (t + 1)) / (np.sqrt(s / (1 - beta2 ** (t + 1))) + eps), (v, s, t)

# %% adam: only v is corrected
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1**t) / (np.sqrt(s) + eps), (v, s, t)

# %% adam: no correction
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * v / (np.sqrt(s) + eps), (v, s, t)

# %% adam: eps corrected along with s
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * v / (np.sqrt(s) + eps), (v, s, t)

# %% adam: the caller's averages changed
# See: eq-5-7
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v, s = (np.asarray(x, dtype=float) if np.ndim(x) else x + 0.0 * dw for x in (v, s))
    v *= beta1
    v += (1 - beta1) * dw
    s *= beta2
    s += (1 - beta2) * dw**2
    return w - lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% adam: the state shared between runs
# See: eq-5-9
state = {"v": 0.0, "s": 0.0, "t": 0}

def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    dw = np.asarray(dw, dtype=float)
    state["t"] += 1
    state["v"] = beta1 * state["v"] + (1 - beta1) * dw
    state["s"] = beta2 * state["s"] + (1 - beta2) * dw**2
    v_hat, s_hat = state["v"] / (1 - beta1 ** state["t"]), state["s"] / (1 - beta2 ** state["t"])
    return np.asarray(w) - lr * v_hat / (np.sqrt(s_hat) + eps), (state["v"], state["s"], state["t"])

# %% adam: uphill
def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, t = memory
    w, dw, t = np.asarray(w, dtype=float), np.asarray(dw, dtype=float), t + 1
    v = beta1 * np.asarray(v) + (1 - beta1) * dw
    s = beta2 * np.asarray(s) + (1 - beta2) * dw**2
    return w + lr * v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), (v, s, t)

# %% follow: the first gradient left out
def follow(rule, stream, start, memory):
    w = np.array(start, dtype=float)
    places = [w]
    for dw in list(stream)[1:]:
        w, memory = rule(w, dw, memory)
        places.append(w)
    return np.array(places)

# %% follow: the memory not handed on
def follow(rule, stream, start, memory):
    w = np.array(start, dtype=float)
    places = [w]
    for dw in stream:
        w, _ = rule(w, dw, memory)
        places.append(w)
    return np.array(places)

# %% follow: a generator has no length
def follow(rule, stream, start, memory):
    places = [np.array(start, dtype=float)]
    for t in range(len(stream)):
        w, memory = rule(places[-1], stream[t], memory)
        places.append(w)
    return np.array(places)

# %% follow: counts the gradients first, and has none left
def follow(rule, stream, start, memory):
    w = np.array(start, dtype=float)
    places = np.tile(w, (sum(1 for _ in stream) + 1,) + (1,) * w.ndim)
    for t, dw in enumerate(stream):
        places[t + 1], memory = rule(places[t], dw, memory)
    return places

# %% follow: the start left out
def follow(rule, stream, start, memory):
    w, places = np.array(start, dtype=float), []
    for dw in stream:
        w, memory = rule(w, dw, memory)
        places.append(w)
    return np.array(places)

# %% follow: rows that alias one array
def follow(rule, stream, start, memory):
    w = np.array(start, dtype=float)
    places = [w]
    for dw in stream:
        w[...], memory = rule(w, dw, memory)
        places.append(w)
    return np.array(places)

# %% first-move: the sign lost
# See: eq-5-8
def first_move(g, lr, eps):
    g = np.abs(np.asarray(g, dtype=float))
    return -lr * g / (g + eps)

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    g = np.abs(np.asarray(g, dtype=float))
    return -lr * (1 - beta1) * g / (np.sqrt(1 - beta2) * g + eps)

# %% first-move: eps forgotten
def first_move(g, lr, eps):
    return -lr * np.sign(np.asarray(g, dtype=float))

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    return -lr * (1 - beta1) / np.sqrt(1 - beta2) * np.sign(np.asarray(g, dtype=float))

# %% first-move: eps inside the root
# See: eq-4-7
def first_move(g, lr, eps):
    g = np.asarray(g, dtype=float)
    return -lr * g / np.sqrt(g**2 + eps)

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    g = np.asarray(g, dtype=float)
    return -lr * (1 - beta1) * g / np.sqrt((1 - beta2) * g**2 + eps)

# %% first-move: uphill
# See: eq-5-8
def first_move(g, lr, eps):
    g = np.asarray(g, dtype=float)
    return lr * g / (np.abs(g) + eps)

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    g = np.asarray(g, dtype=float)
    return lr * (1 - beta1) * g / (np.sqrt(1 - beta2) * np.abs(g) + eps)

# %% first-move: the uncorrected eps outside the betas
# See: eq-4-7
def first_move(g, lr, eps):
    g = np.asarray(g, dtype=float)
    return -lr * g / (np.abs(g) + eps)

def first_move_uncorrected(g, lr, beta1, beta2, eps):
    return (1 - beta1) / np.sqrt(1 - beta2) * first_move(g, lr, eps)
