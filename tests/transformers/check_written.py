"""Loads what dit wrote into the real transformers and compares.

    python3 - FOLDER < check_written.py

FOLDER/cases.json lists the cases; each has a "name" and a "model" (a folder), and any of

    "logits"   a safetensors file with input_ids, attention_mask and our logits in float32; "atol", "rtol"
    "adapter"  a PEFT folder that is applied to the model first, by PEFT's documented rules
    "texts"    [{"text", "ids"}], what our tokenizer makes of a text
    "chats"    [{"messages", "text", "ids"}], what our template makes of a conversation, up to the answer

A line is printed for each case. Exit code 0: all agree; 1: some do not; 77: there is no transformers here.
"""

import json
import math
import os
import re
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
try:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError as error:
    print(f"no transformers: {error}")
    sys.exit(77)


def by_pattern(patterns, module, otherwise):
    """The value of the first pattern that is the end of a module's name, as in PEFT's rank_pattern and alpha_pattern."""
    for pattern, value in patterns.items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return value
    return otherwise


def is_target(targets, module):
    if isinstance(targets, str):
        return re.fullmatch(targets, module) is not None
    return any(module == target or module.endswith("." + target) for target in targets)


def apply_adapter(model, folder):
    with open(os.path.join(folder, "adapter_config.json"), encoding="utf-8") as file:
        config = json.load(file)
    assert config["peft_type"] == "LORA" and config["bias"] == "none" and not config["use_dora"] and not config["fan_in_fan_out"], config
    factors = load_file(os.path.join(folder, "adapter_model.safetensors"))
    targets = {
        name for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and is_target(config["target_modules"], name)
    }
    expected = {f"base_model.model.{name}.lora_{half}.weight" for name in targets for half in "AB"}
    assert expected == set(factors), f"target_modules and factors disagree: {sorted(expected ^ set(factors))[:4]}"
    for name in sorted(targets):
        a, b = (factors[f"base_model.model.{name}.lora_{half}.weight"].float() for half in "AB")
        rank = by_pattern(config["rank_pattern"], name, config["r"])
        alpha = by_pattern(config["alpha_pattern"], name, config["lora_alpha"])
        assert a.shape[0] == rank and b.shape[1] == rank, f"{name}: rank {rank}, factors {tuple(a.shape)} and {tuple(b.shape)}"
        weight = model.get_submodule(name).weight
        weight.data += alpha / (math.sqrt(rank) if config["use_rslora"] else rank) * (b @ a)


def check_logits(case):
    model, report = AutoModelForCausalLM.from_pretrained(
        case["model"], dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    loose = {kind: sorted(report[kind])[:3] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") if report[kind]}
    if loose:
        yield f"weights that do not fit: {loose}"
    if "adapter" in case:
        apply_adapter(model, case["adapter"])
    ours = load_file(case["logits"])
    with torch.no_grad():
        theirs = model.eval()(input_ids=ours["input_ids"], attention_mask=ours["attention_mask"]).logits
    if theirs.shape != ours["logits"].shape:
        yield f"logits of shape {tuple(theirs.shape)}, ours {tuple(ours['logits'].shape)}"
        return
    there = ours["attention_mask"].bool()
    theirs, mine = theirs[there], ours["logits"][there]
    off = (theirs - mine).abs()
    if not bool((off <= case["atol"] + case["rtol"] * theirs.abs()).all()):
        yield f"logits differ by up to {off.max().item():.3g}"


def check_tokenizer(case):
    tokenizer = AutoTokenizer.from_pretrained(case["model"])
    for line in case.get("texts", []):
        ids = tokenizer(line["text"], add_special_tokens=False)["input_ids"]
        if ids != line["ids"]:
            yield f"{line['text']!r} is {ids}, ours {line['ids']}"
    for chat in case.get("chats", []):
        text = tokenizer.apply_chat_template(chat["messages"], tokenize=False, add_generation_prompt=True)
        if text != chat["text"]:
            yield f"a conversation is {text!r}, ours {chat['text']!r}"
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        if ids != chat["ids"]:
            yield f"the tokens of a conversation are {ids}, ours {chat['ids']}"


def check(case):
    if "logits" in case:
        yield from check_logits(case)
    if "texts" in case or "chats" in case:
        yield from check_tokenizer(case)


def main(folder):
    torch.set_num_threads(1)
    with open(os.path.join(folder, "cases.json"), encoding="utf-8") as file:
        cases = json.load(file)
    failed = 0
    for case in cases:
        try:
            wrong = list(check(case))
        except Exception as error:  # One case must not hide the others.
            wrong = [f"{type(error).__name__}: {error}"]
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok'} {case['name']}", *wrong[:3], sep="\n  ")
    return 1 if failed or not cases else 0


sys.exit(main(sys.argv[1]))
