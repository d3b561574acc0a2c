"""The outside world: the Model protocol, the OpenAI-compatible client, reply parsing, recordings."""

from .client import OpenAIModel
from .endpoint import DEFAULT_MODEL, PRESETS, Endpoint, find_endpoint, split_preset
from .envelope import plain
from .playback import REPLAY_URL, RecordedModel, RecordingModel
from .protocol import Model, Reply
from .recording import Exchange, Recording
from .replies import parse_answer
from .staleness import explain
from .tokens import count_tokens

__all__ = [
    "DEFAULT_MODEL",
    "PRESETS",
    "REPLAY_URL",
    "Endpoint",
    "Exchange",
    "Model",
    "OpenAIModel",
    "RecordedModel",
    "Recording",
    "RecordingModel",
    "Reply",
    "count_tokens",
    "explain",
    "find_endpoint",
    "parse_answer",
    "plain",
    "split_preset",
]
