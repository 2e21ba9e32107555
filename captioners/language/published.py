"""The base models that have names of their own here, and the adapters' bases among them."""

from __future__ import annotations

from captioners.checkpoints import Checkpoint, at, chosen
from captioners.options import ModelOptions

PUBLISHED = {
    "llama-3.1-8b": Checkpoint(
        "meta-llama/Llama-3.1-8B-Instruct",
        revision="0e9e39f249a16976918f6564b8830bc894c89659",
        size="16 GB",
        licence="Llama 3.1 Community License",
        gated=True,
    ),
    "gemma-2-9b": Checkpoint(
        "google/gemma-2-9b-it",
        revision="11c9b309abf73637e4b6f9a3fa1e92e615547819",
        size="18.5 GB",
        licence="Gemma Terms of Use",
        gated=True,
    ),
}
"""Captioner -> its weights."""

# What the hub called them before; adapters that were trained then say so.
_FORMER = {"meta-llama/meta-llama-3.1-8b-instruct": "llama-3.1-8b"}


def named(repository: str) -> str:
    """The captioner whose published weights these are; "" if none's."""
    ids = {checkpoint.repository.lower(): name for name, checkpoint in PUBLISHED.items()} | _FORMER
    return ids.get(repository.lower(), "")


def same(one: str, other: str) -> bool:
    """Whether two ids of the hub mean the same model."""
    return one.lower() == other.lower() or (named(one) != "" and named(one) == named(other))


def base_of_adapter(adapter: str, repository: str, revision: str, options: ModelOptions) -> Checkpoint:
    """Where the base model of an adapter comes from.

    Args:
        adapter: its name; ``--weights ADAPTER=…`` comes first.
        repository: what its configuration calls the base. Where that is the model of a captioner of
            :data:`PUBLISHED`, it comes from where that captioner's comes from.
        revision: of the base on the hub, "" for its published or main one.
        options: how models are to run.
    """
    if adapter in options.weights:
        return at(options.weights[adapter])
    if name := named(repository):
        return chosen(name, PUBLISHED[name], options)
    return at(f"{repository}@{revision}" if revision else repository)
