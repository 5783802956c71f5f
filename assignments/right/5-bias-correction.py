"""Correct solutions of assignment 5, written in other ways. Each cell is tried alone and must get full marks."""

# %% smooth: an array filled row by row
def smooth(data, beta):
    x = np.array(data, dtype=float)
    out = np.zeros(x.shape)
    for t in range(len(x)):
        out[t] = (1 - beta) * x[t] + (beta * out[t - 1] if t else 0.0)
    return out

# %% smooth: the unrolled sum
def smooth(data, beta):
    x = np.array(data, dtype=float)
    age = np.subtract.outer(np.arange(len(x)), np.arange(len(x)))
    return np.where(age >= 0, (1 - beta) * float(beta) ** np.maximum(age, 0), 0.0) @ x

# %% smooth: lists, and a copy of the average at each step
def smooth(data, beta):
    v = 0.0
    rows = []
    for x in data:
        v = beta * v + (1 - beta) * np.array(x)
        rows.append(np.copy(v))
    return rows

# %% weights: backwards, by multiplication
def weights(t, beta):
    newest_first = [1 - beta]
    while len(newest_first) < t:
        newest_first.append(newest_first[-1] * beta)
    return newest_first[::-1]

# %% weights: the formula, entry by entry
def weights(t, beta):
    return np.array([(1 - beta) * beta ** (t - i) for i in range(1, t + 1)])

# %% corrected: in place, on a copy
def corrected(x, memory, beta):
    average = np.array(memory[0], dtype=float) * np.ones(np.shape(x))
    average *= beta
    average += (1 - beta) * np.array(x)
    steps = memory[1] + 1
    return average / (1 - beta**steps), [average, steps]

# %% corrected: the divisor as the sum of the weights
def corrected(x, memory, beta):
    old, t = memory
    v = np.multiply(beta, old) + np.multiply(1 - beta, x)
    weights = [(1 - beta) * beta**age for age in range(t + 1)]
    return v / sum(weights), (v, t + 1)

# %% steps-until: logarithms
import math

def steps_until(beta, share=0.01):
    if beta == 0:
        return 1
    return max(1, math.floor(math.log(share) / math.log(beta)) + 1)

# %% steps-until: multiplied step by step
def steps_until(beta, share=0.01):
    power, t = beta, 1.0
    while power >= share:
        power *= beta
        t += 1
    return t

# %% steps-until: doubling, then halving the interval
def steps_until(beta, share=0.01):
    high = 1
    while beta**high >= share:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if beta**middle >= share else (low, middle)
    return high
