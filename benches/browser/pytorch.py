"""One round of the benchmark's problem as one writes it in PyTorch: an LSTM, a linear readout, squared error at the last step, full
back-propagation through time, Adam. One thread. Prints a line of JSON.

    pytorch.py HIDDEN BATCH LENGTH UPDATES
"""

import json
import statistics
import sys
import time

import torch

hidden, batch, length, updates = map(int, sys.argv[1:])
torch.set_num_threads(1)
torch.manual_seed(0)

# Time first, PyTorch's own order. The fused Adam is its fastest on a processor.
lstm = torch.nn.LSTM(2, hidden)
readout = torch.nn.Linear(hidden, 1)
optimizer = torch.optim.Adam([*lstm.parameters(), *readout.parameters()], lr=1e-3, fused=True)
x = torch.rand(length, batch, 2) * 2 - 1
y = torch.rand(batch, 1) * 2 - 1


def update():
    states, _ = lstm(x)
    loss = torch.nn.functional.mse_loss(readout(states[-1]), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


warm = time.perf_counter() + 1
while time.perf_counter() < warm:
    update()
milliseconds = []
for _ in range(updates):
    start = time.perf_counter()
    update()
    milliseconds.append(1000 * (time.perf_counter() - start))
print(
    json.dumps(
        {
            "version": torch.__version__,
            "kernels": torch.backends.cpu.get_cpu_capability(),
            "threads": torch.get_num_threads(),
            "milliseconds": statistics.median(milliseconds),
        }
    )
)
