"""The outside world: the Model protocol, the OpenAI-compatible client, reply parsing, recordings."""

from .calls import Calls
from .client import OpenAIModel
from .endpoint import DEFAULT_MODEL, PRESETS, Endpoint, find_endpoint, split_preset
from .envelope import plain
from .gate import Gate
from .last_failure import last_failure
from .playback import REPLAY_URL, RecordedModel, RecordingModel
from .prices import BatchPrices, Prices
from .protocol import Model, Reply
from .recording import Exchange, Recording
from .replies import parse_answer, read_answer
from .spend import Spend
from .staleness import explain
from .store import DEFAULT_PATH, Brief, Contents, Store, Upkeep, part_digests
from .tokens import count_tokens, most_tokens

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_PATH",
    "PRESETS",
    "REPLAY_URL",
    "BatchPrices",
    "Brief",
    "Calls",
    "Contents",
    "Endpoint",
    "Exchange",
    "Gate",
    "Model",
    "OpenAIModel",
    "Prices",
    "RecordedModel",
    "Recording",
    "RecordingModel",
    "Reply",
    "Spend",
    "Store",
    "Upkeep",
    "count_tokens",
    "explain",
    "find_endpoint",
    "last_failure",
    "most_tokens",
    "parse_answer",
    "part_digests",
    "plain",
    "read_answer",
    "split_preset",
]
