"""The protocols by name: how tools are put to a model, and how its calls are read."""

from collections.abc import Mapping

from evaluator.agents.protocols.instructed import Instructed, as_json, as_react, as_text
from evaluator.agents.protocols.native import NativeTools
from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.results.names import ProtocolName

PROTOCOLS: Mapping[ProtocolName, ToolProtocol] = {
    "tools": NativeTools(),
    "react": Instructed("react", as_react, stop=("Observation:", "观察:", "观察：")),
    "json": Instructed("json", as_json),
    "text": Instructed("text", as_text),
}
