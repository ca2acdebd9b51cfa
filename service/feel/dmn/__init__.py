"""DMN 1.1 to 1.5: models, decision tables, boxed expressions, and their evaluation on FEEL.

``load_models`` reads and checks a set of files, ``DmnModels.decide`` evaluates one decision, ``decide_file``
does both for a command line. Nothing here knows processes; the engine's business rule tasks call in.
"""

from __future__ import annotations

from service.feel.dmn.explain import DecisionReport, decide_file, explain_lines
from service.feel.dmn.explanation import Explanation
from service.feel.dmn.models import DecisionInfo, DecisionResult, DmnModels, RequiredInput, load_models

__all__ = [
    "DecisionInfo",
    "DecisionReport",
    "DecisionResult",
    "DmnModels",
    "Explanation",
    "RequiredInput",
    "decide_file",
    "explain_lines",
    "load_models",
]
