"""A stand-in for FEEL until ``service.feel`` can evaluate: literals, names, paths, comparisons, and/or, + - *."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from service.domain.clock import Clock, SystemClock
from service.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Runtime:
    clock: Clock = field(default_factory=SystemClock)
    functions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    value: Any
    warnings: tuple[Any, ...] = ()


_OPS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Expression:
    def __init__(self, text: str) -> None:
        if re.search(r"==|__|\blambda\b|\bimport\b", text):
            raise InvalidInput("feel.syntax", "sai cú pháp", "not FEEL: " + text)
        text = re.sub(r"(?<![<>!=])=(?!=)", "==", text)
        text = re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", re.sub(r"\bnull\b", "None", text)))
        text = re.sub(r"\{(\w+):", r'{"\1":', re.sub(r", (\w+):", r', "\1":', text))
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise InvalidInput("feel.syntax", "sai cú pháp", "not FEEL: " + text) from error

    def evaluate(self, variables: Mapping[str, Any], runtime: Runtime) -> Evaluation:
        return Evaluation(self._eval(self.tree, variables, runtime))

    def _eval(self, node: ast.AST, names: Mapping[str, Any], runtime: Runtime) -> Any:
        ev = lambda n: self._eval(n, names, runtime)
        if isinstance(node, ast.Constant):
            return (
                Decimal(str(node.value))
                if isinstance(node.value, int | float) and not isinstance(node.value, bool)
                else node.value
            )
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if isinstance(node, ast.Attribute):
            base = ev(node.value)
            return base.get(node.attr) if isinstance(base, Mapping) else None
        if isinstance(node, ast.List):
            return [ev(item) for item in node.elts]
        if isinstance(node, ast.Dict):
            return {ev(k): ev(v) for k, v in zip(node.keys, node.values, strict=True)}
        if isinstance(node, ast.BoolOp):
            values = [ev(v) for v in node.values]
            return all(values) if isinstance(node.op, ast.And) else any(values)
        if isinstance(node, ast.BinOp):
            left, right = ev(node.left), ev(node.right)
            if left is None or right is None:
                return None
            return _OPS[type(node.op)](self.num(left), self.num(right))
        if isinstance(node, ast.Compare):
            left, right = ev(node.left), ev(node.comparators[0])
            op = type(node.ops[0])
            if op not in (ast.Eq, ast.NotEq) and (left is None or right is None):
                return None
            return _OPS[op](self.num(left), self.num(right))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            args = [ev(a) for a in node.args]
            match node.func.id:
                case "count":
                    return Decimal(len(args[0]))
                case "now":
                    return runtime.clock.now()
                case "datetime":
                    return datetime.fromisoformat(args[0])
                case "sum":
                    return sum(map(self.num, args[0]))
            return None
        return None

    def num(self, v: Any) -> Any:
        return Decimal(str(v)) if isinstance(v, int | float) and not isinstance(v, bool) else v


def compile_expression(text: str, names: Any = (), functions: Any = None) -> Expression:
    return Expression(text)
