"""Decision tables compiled: every cell checked against its column, equal cells of a column compiled once."""

from __future__ import annotations

from service.feel.compiler import Code
from service.feel.dmn.cell_checks import check_input_cell, check_output_cell
from service.feel.dmn.checks import checked_as
from service.feel.dmn.environment import Environment
from service.feel.dmn.model import DecisionTable, FeelText, HitPolicy, InputClause, OutputClause, Place
from service.feel.dmn.tables import Column, CompiledRule, CompiledTable, Output
from service.feel.dmn.texts import INPUT, compile_cell, compile_expression, compile_text, marker
from service.feel.runtime import Value
from service.feel.scope import Scope


def compile_table(table: DecisionTable, env: Environment) -> CompiledTable:
    """Return ``table`` ready for evaluation; what is wrong with any cell goes to the environment."""
    return _TableCompiler(table, env).compile()


class _TableCompiler:
    """Compiles one table; keeps the tests that are known so far by column and text."""

    def __init__(self, table: DecisionTable, env: Environment) -> None:
        self._table = table
        self._env = env
        self._columns = [_compile_column(clause, env) for clause in table.inputs]
        self._outputs = [_compile_output(clause, env) for clause in table.outputs]
        self._known: dict[tuple[int, str], int] = {}
        self._tests: list[Code] = []

    def compile(self) -> CompiledTable:
        """Return the table."""
        self._check_priorities()
        rules = [self._rule(rule.inputs, rule.outputs) for rule in self._table.rules]
        return CompiledTable(self._table, self._columns, self._tests, rules, self._outputs)

    def _check_priorities(self) -> None:
        """Report a table that is to sort its outputs by importance but does not say by which."""
        sorts = self._table.hit_policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
        if sorts and all(output.priorities is None for output in self._outputs):
            self._env.report(
                self._table.place,
                "dmn.priorities_missing",
                "Bảng kiểu P hoặc O cần danh sách giá trị cho phép của đầu ra, theo thứ tự ưu tiên.",
                "Hit policies P and O need the allowed values of an output, most important first.",
            )

    def _rule(self, inputs: tuple[FeelText, ...], outputs: tuple[FeelText, ...]) -> CompiledRule:
        cells = []
        for at, text in enumerate(inputs[: len(self._columns)]):
            test = self._test(at, text)
            if test is not None:
                cells.append((at, test))
        codes = tuple(
            _compile_output_cell(text, output, self._env)
            for text, output in zip(outputs, self._outputs, strict=False)
        )
        return CompiledRule(tuple(cells), codes)

    def _test(self, column: int, text: FeelText) -> int | None:
        """Return the index of the cell's test, the same for equal sound cells; ``None`` for ``-``."""
        key = (column, text.text.strip())
        if key in self._known:
            return self._known[key]
        found_before = len(self._env.findings)
        cell = compile_cell(text, self._env)
        if cell is None:
            return None
        check_input_cell(text, cell.tree, self._columns[column], self._table.inputs[column], self._env)
        self._tests.append(cell.code)
        index = len(self._tests) - 1
        if len(self._env.findings) == found_before:
            self._known[key] = index
        return index


def _compile_column(clause: InputClause, env: Environment) -> Column:
    allowed = None if clause.allowed is None else compile_cell(clause.allowed, env)
    return Column(
        code=compile_text(clause.expression, env),
        type=env.types.get(clause.type_ref, clause.place),
        allowed=None if allowed is None else allowed.code,
        place=marker(clause.place, clause.expression.text),
    )


def _compile_output(clause: OutputClause, env: Environment) -> Output:
    priorities = clause.allowed or env.types.allowed_values(clause.type_ref)
    own = None if clause.allowed is None else compile_cell(clause.allowed, env)
    output = Output(
        name=clause.name,
        type=env.types.get(clause.type_ref, clause.place),
        allowed=None if own is None else own.code,
        priorities=None if priorities is None else _priorities(priorities, env),
        default=None,
    )
    if clause.default is None:
        return output
    return output._replace(default=_compile_output_cell(clause.default, output, env))


def _compile_output_cell(text: FeelText, output: Output, env: Environment) -> Code:
    """Return the code of an output, null where its value is of another type or not allowed."""
    compiled = compile_expression(text, env)
    check_output_cell(text, compiled.tree, output, env)
    code = checked_as(compiled.code, output.type, text.place)
    return code if output.allowed is None else _only_allowed(code, output.allowed, text.place)


def _only_allowed(code: Code, allowed: Code, place: Place) -> Code:
    where = marker(place)

    def evaluate(scope: Scope) -> Value:
        value = code(scope)
        if value is None or allowed(Scope({INPUT: value}, scope, scope.run)) is True:
            return value
        scope.run.place = where
        scope.run.report(
            "dmn.not_allowed",
            "Giá trị đầu ra không nằm trong các giá trị cho phép của cột.",
            "The output value is not among the allowed values of the column.",
        )
        return None

    return evaluate


def _priorities(allowed: FeelText, env: Environment) -> Code:
    """Return code for the list of the allowed values: the tests between commas, read as one list."""
    return compile_text(FeelText(f"[{allowed.text}\n]", allowed.place), env)
