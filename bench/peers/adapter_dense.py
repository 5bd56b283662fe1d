"""Training of a DIT adapter the dense way: every row's diff is multiplied out, and every position goes through the output head."""


class DenseRows(torch.nn.Module):
    """A linear layer, a dense change of its weight for every row of the batch, and the adapter's LoRA."""

    def __init__(self, linear, a, b, scaling):
        super().__init__()
        self.linear, self.scaling = linear, scaling
        self.a, self.b = torch.nn.Parameter(a), torch.nn.Parameter(b)
        self.change = None

    def forward(self, x):
        low_rank = torch.nn.functional.linear(torch.nn.functional.linear(x, self.a), self.b)
        return self.linear(x) + torch.bmm(x, self.change.transpose(1, 2)) + self.scaling * low_rank


work = Work()
layers = {}


def make(site, linear):
    layers[site] = DenseRows(linear, work.factors[site + ".adapter_A"], work.factors[site + ".adapter_B"], 1 / work.job["adapter_rank"])
    return layers[site]


work.replace_sites(make)
trained = [parameter for layer in layers.values() for parameter in (layer.a, layer.b)]
optimizer = torch.optim.AdamW(trained, lr=work.job["learning_rate"], weight_decay=0.01)
ids = work.batches[0][1]
labels = work.labels(ids)


def step():
    for site, layer in layers.items():
        # The diffs of the last batch go first: two batches of them would not fit.
        layer.change = None
        layer.change = torch.bmm(work.factors[site + ".diff_B"], work.factors[site + ".diff_A"]) / work.job["diff_rank"]
    optimizer.zero_grad()
    loss = cross_entropy(work.model(input_ids=ids, use_cache=False).logits, labels)
    loss.backward()
    optimizer.step()
    return loss.item()


work.measure(step)
