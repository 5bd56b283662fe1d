"""What all peers share. The bench puts this in front of each of them, as one script, and gives the work by standard input:
a line of JSON, then the float32 numbers of the tensors that it names, one after another."""
import copy
import json
import sys
import time

try:
    import torch
    import transformers
except ImportError as missing:
    print(f"no {missing.name}")
    sys.exit(77)

torch.set_default_dtype(torch.float32)
IGNORED = -100


def read_numbers(tensor):
    """Fills a tensor where it lies, so that loading leaves no second copy in memory."""
    bytes_left = memoryview(tensor.detach().numpy()).cast("B")
    while bytes_left:
        count = sys.stdin.buffer.readinto(bytes_left)
        if not count:
            raise EOFError("the numbers end too early")
        bytes_left = bytes_left[count:]


def memory(figure):
    """A figure of /proc/self/status in MiB; None where there is no such file."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(figure + ":"))
    except (OSError, StopIteration):
        return None


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as control:
            control.write("5")
    except OSError:
        pass


class Work:
    """The model, the batches and the factors that the bench hands over."""

    def __init__(self):
        self.job = json.loads(sys.stdin.buffer.readline())
        config = transformers.Qwen3Config(**self.job["config"])
        with torch.device("meta"):
            self.model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="sdpa")
        self.model.to_empty(device="cpu")
        self.model.tie_weights()
        # Not a weight, so nobody hands it over: it is computed when it is made, which on no device it was not.
        self.model.model.rotary_emb = type(self.model.model.rotary_emb)(config)
        self.model.requires_grad_(False)
        self.model.eval()
        for name, _ in self.job["weights"]:
            read_numbers(self.model.get_parameter(name))
        forget_peak()
        self.bare = memory("VmRSS")
        self.factors = {name: torch.empty(shape) for name, shape in self.job["factors"]}
        for factor in self.factors.values():
            read_numbers(factor)
        self.sites = sorted({name.rsplit(".", 1)[0] for name in self.factors})
        self.batches = [
            (batch["kind"], torch.tensor(batch["ids"]).view(self.job["rows"], self.job["tokens"])) for batch in self.job["batches"]
        ]

    def replace_sites(self, make):
        """Puts make(site, linear) in the place of every linear layer that has factors."""
        for site in self.sites:
            parent, name = site.rsplit(".", 1)
            parent = self.model.get_submodule(parent)
            setattr(parent, name, make(site, getattr(parent, name)))

    def labels(self, ids):
        """The last tokens of every row count."""
        labels = ids.clone()
        labels[:, : self.job["tokens"] - self.job["answer"]] = IGNORED
        return labels

    def measure(self, step, **more):
        """Times a step that returns its loss, and prints what the bench reads."""
        seconds, losses = [], []
        for number in range(self.job["warmup"] + self.job["steps"]):
            start = time.perf_counter()
            losses.append(step())
            if number >= self.job["warmup"]:
                seconds.append(time.perf_counter() - start)
        result = {"seconds": seconds, "losses": losses, "bare_mib": self.bare, "peak_mib": memory("VmHWM")}
        print("measured " + json.dumps(result | {name: value() for name, value in more.items()}))


def cross_entropy(logits, labels):
    return torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)


def divergence(student, teacher, labels):
    """KL(teacher || student) of every position, averaged over those that predict a token that counts."""
    student, teacher = (torch.log_softmax(logits[:, :-1], -1) for logits in (student, teacher))
    each = torch.nn.functional.kl_div(student, teacher, log_target=True, reduction="none").sum(-1)
    counts = labels[:, 1:] != IGNORED
    return (each * counts).sum() / counts.sum()


def train_beside_second_model(layer_type):
    """Diffs side by side: layer_type(linear, a, b, scaling) in the place of every linear layer, a second copy of the model as teacher."""
    work = Work()
    teacher = copy.deepcopy(work.model)
    trained = []

    def make(site, linear):
        layer = layer_type(linear, work.factors[site + ".diff_A"], work.factors[site + ".diff_B"], 1 / work.job["diff_rank"])
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
