"""Tells papermill how parameters are written in Go. Papermill loads this module by its entry point, and so do scripts that import it."""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

# name := value // help, or var name type = value // help
DECLARATION = re.compile(
    r"""^(?:var\s+(?P<declared>\w+)(?:\s+(?P<type>[^=]+?))?\s*=|(?P<name>\w+)\s*:=)\s*
    (?P<value>(?:"(?:\\.|[^"\\])*"|`[^`]*`|/(?!/)|[^/"`])+?)\s*(?://\s*(?P<help>.*))?$""",
    re.VERBOSE,
)
LITERALS = [("bool", r"true|false"), ("int", r"-?\d+"), ("float64", r"-?[\d.]+(e[+-]?\d+)?"), ("string", r'".*"|`.*`')]


def go_type(value) -> str:
    """The Go type of a value of JSON or YAML; any where its parts differ."""
    if value is None:
        return "any"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if -(2**63) <= value < 2**63 else "uint64"
    if isinstance(value, float):
        return "float64"
    if isinstance(value, dict):
        return "map[string]" + common_type(value.values())
    if isinstance(value, (list, tuple)):
        return "[]" + common_type(value)
    return "string"


def common_type(values) -> str:
    types = {go_type(v) for v in values}
    if types == {"int", "float64"}:
        return "float64"
    return types.pop() if len(types) == 1 else "any"


class GoTranslator(Translator):
    """Writes parameters as declarations, which win over those of the parameters cell."""

    @classmethod
    def translate_str(cls, val):
        # Go has no surrogate pairs, and no byte order mark within a file.
        return json.dumps(str(val), ensure_ascii=False).replace("\ufeff", "\\ufeff")

    translate_escaped_str = translate_str

    @classmethod
    def translate_none(cls, val):
        return "nil"

    @classmethod
    def translate_int(cls, val):
        if not -(2**63) <= val < 2**64:
            raise ValueError(f"{val} does not fit Go's int64 or uint64")
        return str(val) if val < 2**63 else f"uint64({val})"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return f"math.Inf({1 if val > 0 else -1})"
        return repr(val)

    @classmethod
    def translate_list(cls, val):
        return go_type(val) + "{" + ", ".join(cls.translate(v) for v in val) + "}"

    @classmethod
    def translate_dict(cls, val):
        return go_type(val) + "{" + ", ".join(f"{cls.translate_str(k)}: {cls.translate(v)}" for k, v in val.items()) + "}"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"var {name} any" if str_val == "nil" else f"{name} := {str_val}"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        content = super().codify(parameters, comment)
        return f'import "math"\n\n{content}' if re.search(r":= .*math\.(NaN|Inf)\(", content) else content

    @classmethod
    def inspect(cls, parameters_cell):
        found = []
        for line in parameters_cell["source"].splitlines():
            match = DECLARATION.match(line.strip())
            if match:
                value = match["value"]
                literal = next((name for name, pattern in LITERALS if re.fullmatch(pattern, value)), "None")
                found.append(Parameter(match["declared"] or match["name"], match["type"] or literal, value, match["help"] or ""))
        return found


class Engine(NBClientEngine):
    """Papermill's own engine, under a name that makes papermill load this module."""


for name in ("rivulet", "go"):
    papermill_translators.register(name, GoTranslator)
