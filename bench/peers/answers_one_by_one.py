"""Asking diffs one after another: each is put on the model beside the adapter, and transformers generates."""


class TwoLoras(torch.nn.Module):
    """A linear layer with a diff and the adapter."""

    def __init__(self, linear, adapter, scalings):
        super().__init__()
        self.linear, self.adapter, self.scalings = linear, adapter, scalings
        self.diff = None

    def forward(self, x):
        y = self.linear(x)
        for (a, b), scaling in zip((self.diff, self.adapter), self.scalings):
            y = y + scaling * torch.nn.functional.linear(torch.nn.functional.linear(x, a), b)
        return y


work = Work()
layers = {}


def make(site, linear):
    adapter = work.factors[site + ".adapter_A"], work.factors[site + ".adapter_B"]
    layers[site] = TwoLoras(linear, adapter, (1 / work.job["diff_rank"], 1 / work.job["adapter_rank"]))
    return layers[site]


work.replace_sites(make)
question = work.batches[0][1][:1]
answers = []
settings = transformers.GenerationConfig(
    max_new_tokens=work.job["answer"], min_new_tokens=work.job["answer"], do_sample=False, eos_token_id=None, pad_token_id=0, bos_token_id=None
)


@torch.inference_mode()
def step():
    answers.clear()
    for number in range(work.job["rows"]):
        for site, layer in layers.items():
            layer.diff = work.factors[site + ".diff_A"][number], work.factors[site + ".diff_B"][number]
        ids = work.model.generate(question, attention_mask=torch.ones_like(question), generation_config=settings)
        answers.append(ids[0, question.shape[1] :].tolist())
    return 0.0


work.measure(step, answers=lambda: answers)
