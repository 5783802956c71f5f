"""Typical wrong solutions of assignment 5. Each cell loses points of its own task, and no others.

A student whose answers are just those of a cell reads its title, and is sent to the equation that `# See:` names (it holds
for the task until the next).
"""

# %% smooth: beta and 1 - beta swapped
# See: eq-5-1
def smooth(data, beta):
    v, averages = 0.0, []
    for x in np.asarray(data, dtype=float):
        v = (1 - beta) * v + beta * x
        averages.append(v)
    return np.array(averages)

# %% smooth: started at the first data point
def smooth(data, beta):
    data = np.asarray(data, dtype=float)
    v, averages = data[0], []
    for x in data:
        v = beta * v + (1 - beta) * x
        averages.append(v)
    return np.array(averages)

# %% smooth: whole numbers truncated
def smooth(data, beta):
    data = np.array(data)
    averages = np.zeros_like(data)
    v = 0.0
    for t, x in enumerate(data):
        averages[t] = v = beta * v + (1 - beta) * x
    return averages

# %% smooth: rows that alias one array
def smooth(data, beta):
    data = np.asarray(data, dtype=float)
    v, averages = np.zeros(data.shape[1:]), []
    for x in data:
        v *= beta
        v += (1 - beta) * x
        averages.append(v)
    return np.array(averages)

# %% smooth: the caller's data changed
def smooth(data, beta):
    data = np.asarray(data, dtype=float)
    data *= 1 - beta
    for t in range(1, len(data)):
        data[t] += beta * data[t - 1]
    return data.copy()

# %% smooth: the average shared between runs
v = 0.0

def smooth(data, beta):
    global v
    averages = []
    for x in np.asarray(data, dtype=float):
        v = beta * v + (1 - beta) * x
        averages.append(v)
    if np.ndim(data) > 1:
        v = 0.0
    return np.array(averages)

# %% smooth: the zero of the start among the results
def smooth(data, beta):
    data = np.asarray(data, dtype=float)
    averages = [np.zeros(data.shape[1:])]
    for x in data:
        averages.append(beta * averages[-1] + (1 - beta) * x)
    return np.array(averages)

# %% weights: the newest first
# See: eq-5-2
def weights(t, beta):
    return (1 - beta) * float(beta) ** np.arange(t)

# %% weights: the factor 1 - beta forgotten
def weights(t, beta):
    return float(beta) ** np.arange(t)[::-1]

# %% weights: off by one, the newest has been multiplied once
def weights(t, beta):
    return (1 - beta) * float(beta) ** np.arange(t, 0, -1)

# %% weights: made to add up to 1
def weights(t, beta):
    w = float(beta) ** np.arange(t)[::-1]
    return w / w.sum()

# %% corrected: the correction stored in the state
# See: eq-5-4
def corrected(x, memory, beta):
    v, t = memory
    v = (beta * np.asarray(v) + (1 - beta) * np.asarray(x)) / (1 - beta ** (t + 1))
    return v, (v, t + 1)

# %% corrected: t from 0
def corrected(x, memory, beta):
    v, t = memory
    v = beta * np.asarray(v) + (1 - beta) * np.asarray(x)
    return v / np.float64(1 - beta**t), (v, t + 1)

# %% corrected: off by one at t, one too far
def corrected(x, memory, beta):
    v, t = memory
    v, t = beta * np.asarray(v) + (1 - beta) * np.asarray(x), t + 1
    return v / (1 - beta ** (t + 1)), (v, t)

# %% corrected: beta times t instead of its power
def corrected(x, memory, beta):
    v, t = memory
    v, t = beta * np.asarray(v) + (1 - beta) * np.asarray(x), t + 1
    return v / (1 - beta * t), (v, t)

# %% corrected: divided by 1 - beta, right in the first step only
def corrected(x, memory, beta):
    v, t = memory
    v = beta * np.asarray(v) + (1 - beta) * np.asarray(x)
    return v / (1 - beta), (v, t + 1)

# %% corrected: the power of 1 - beta
def corrected(x, memory, beta):
    v, t = memory
    v, t = beta * np.asarray(v) + (1 - beta) * np.asarray(x), t + 1
    return v / (1 - beta) ** t, (v, t)

# %% corrected: the caller's average changed
def corrected(x, memory, beta):
    v, t = memory
    v = np.asarray(v, dtype=float) if np.ndim(v) else v + 0.0 * np.asarray(x)
    v *= beta
    v += (1 - beta) * np.asarray(x)
    return v / (1 - beta ** (t + 1)), (v, t + 1)

# %% steps-until: off by one, the last step above
# See: eq-5-5
def steps_until(beta, share=0.01):
    t = 0
    while beta ** (t + 1) >= share:
        t = t + 1
    return t

# %% steps-until: rounded, not rounded up
def steps_until(beta, share=0.01):
    return max(1, round(np.log(share) / np.log(beta))) if beta else 1

# %% steps-until: not a whole number
def steps_until(beta, share=0.01):
    return max(1.0, np.log(share) / np.log(beta) + 1) if beta else 1

# %% steps-until: 4.6 windows
def steps_until(beta, share=0.01):
    return int(np.ceil(-np.log(share) / (1 - beta)))

# %% steps-until: one per cent, whatever the share
def steps_until(beta, share=0.01):
    t = 1
    while beta**t >= 0.01:
        t = t + 1
    return t

# %% steps-until: no answer when nothing is remembered
def steps_until(beta, share=0.01):
    import math
    return math.floor(math.log(share) / math.log(beta)) + 1
