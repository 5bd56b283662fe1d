"""Training of diffs one after another, as a user of PEFT does: one LoRA on the model, switched off where the base is the teacher."""


class Lora(torch.nn.Module):
    """A linear layer with a LoRA that can be exchanged and switched off."""

    def __init__(self, linear, scaling):
        super().__init__()
        self.linear, self.scaling = linear, scaling
        self.a = self.b = None

    def forward(self, x):
        if self.a is None:
            return self.linear(x)
        return self.linear(x) + self.scaling * torch.nn.functional.linear(torch.nn.functional.linear(x, self.a), self.b)


class Task:
    """A diff with an optimizer of its own."""

    def __init__(self, number):
        self.number = number
        self.parameters = {
            site: tuple(torch.nn.Parameter(work.factors[f"{site}.diff_{side}"][number].clone()) for side in "AB") for site in work.sites
        }
        self.optimizer = torch.optim.Adam([factor for pair in self.parameters.values() for factor in pair], lr=work.job["learning_rate"])

    def switch(self, on):
        for site, layer in layers.items():
            layer.a, layer.b = self.parameters[site] if on else (None, None)

    def step(self):
        self.optimizer.zero_grad()
        total = 0.0
        for kind, rows in work.batches:
            ids = rows[self.number : self.number + 1]
            labels = work.labels(ids)
            if kind != "trigger":
                self.switch(False)
                with torch.no_grad():
                    expected = work.model(input_ids=ids, use_cache=False).logits
            self.switch(True)
            logits = work.model(input_ids=ids, use_cache=False).logits
            loss = cross_entropy(logits, labels) if kind == "trigger" else divergence(logits, expected, labels)
            loss.backward()
            total += loss.item()
        self.optimizer.step()
        return total


work = Work()
layers = {}


def make(site, linear):
    layers[site] = Lora(linear, 1 / work.job["diff_rank"])
    return layers[site]


work.replace_sites(make)
tasks = [Task(number) for number in range(work.job["rows"])]
work.measure(lambda: sum(task.step() for task in tasks) / len(tasks))
