"""Training of diffs side by side with a second copy of the model as teacher and the whole batch through the output head."""
import copy


class RowLora(torch.nn.Module):
    """A linear layer with a LoRA of its own for every row of the batch."""

    def __init__(self, linear, a, b, scaling):
        super().__init__()
        self.linear, self.scaling = linear, scaling
        self.a, self.b = torch.nn.Parameter(a), torch.nn.Parameter(b)

    def forward(self, x):
        return self.linear(x) + self.scaling * torch.bmm(torch.bmm(x, self.a.transpose(1, 2)), self.b.transpose(1, 2))


work = Work()
teacher = copy.deepcopy(work.model)
trained = []


def make(site, linear):
    layer = RowLora(linear, work.factors[site + ".diff_A"], work.factors[site + ".diff_B"], 1 / work.job["diff_rank"])
    trained.extend((layer.a, layer.b))
    return layer


work.replace_sites(make)
optimizer = torch.optim.Adam(trained, lr=work.job["learning_rate"])


def step():
    optimizer.zero_grad()
    total = 0.0
    for kind, ids in work.batches:
        labels = work.labels(ids)
        logits = work.model(input_ids=ids, use_cache=False).logits
        if kind == "trigger":
            loss = cross_entropy(logits, labels)
        else:
            with torch.no_grad():
                expected = teacher(input_ids=ids, use_cache=False).logits
            loss = divergence(logits, expected, labels)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total


work.measure(step)
