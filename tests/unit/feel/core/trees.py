"""Random syntax trees, as hypothesis strategies."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from service.feel import ast
from service.feel.functions import BUILTINS
from service.feel.values import CONTEXT

SPECIAL_NAMES = ("monthly income", "a-b", "x+y", "Person.Gender", "đơn vị nhận", "thời hạn/ngày", "it's")
PLAIN_NAMES = ("a", "b", "amount", "item", "đơn_vị", "_x", "not", "date", "list")

names = st.sampled_from(PLAIN_NAMES + SPECIAL_NAMES)
parameter_names = st.sampled_from((*PLAIN_NAMES, "start position", "monthly income"))
texts = st.text(max_size=8)
numbers = st.decimals(
    min_value=Decimal(0), allow_nan=False, allow_infinity=False, max_value=Decimal("1e20")
).map(CONTEXT.abs)

leaves = st.one_of(
    st.builds(ast.Number, st.just(0), numbers),
    st.builds(ast.Text, st.just(0), texts),
    st.builds(ast.Boolean, st.just(0), st.booleans()),
    st.just(ast.Null(0)),
    st.builds(ast.Temporal, st.just(0), texts),
    st.builds(ast.Name, st.just(0), names),
)

type_leaves = st.builds(
    ast.NamedType,
    st.just(0),
    st.sampled_from(
        ("number", "Any", "date", "date and time", "days and time duration", "tPerson", "m.tPerson", "list")
    ),
)
types = st.recursive(
    type_leaves,
    lambda inner: st.one_of(
        st.builds(ast.ListTypeNode, st.just(0), inner),
        st.builds(ast.RangeTypeNode, st.just(0), inner),
        st.builds(ast.ContextTypeNode, st.just(0), st.lists(st.tuples(names, inner), max_size=2).map(tuple)),
        st.builds(ast.FunctionTypeNode, st.just(0), st.lists(inner, max_size=2).map(tuple), inner),
    ),
    max_leaves=4,
)

operators = st.sampled_from((("+", "-"), ("*", "/"), ("**",)))


def _arithmetic(inner):
    def steps(level):
        step = st.builds(ast.Step, st.just(0), st.sampled_from(level), inner)
        return st.builds(ast.Arithmetic, st.just(0), inner, st.lists(step, min_size=1, max_size=3).map(tuple))

    return operators.flatmap(steps)


def _one_sided(inner):
    return st.builds(ast.OneSided, st.just(0), st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), inner)


def _iterators(inner):
    iterator = st.builds(ast.Iterator, st.just(0), names, inner, st.none() | inner)
    return st.lists(iterator, min_size=1, max_size=2).map(tuple)


def _functions(inner):
    parameter = st.builds(ast.FormalParameter, st.just(0), names, st.none() | types)
    return st.builds(
        ast.FunctionDefinition,
        st.just(0),
        st.lists(parameter, max_size=2, unique_by=lambda node: node.name).map(tuple),
        inner,
        st.just(value=False),
    )


def _calls(inner):
    named = st.builds(ast.Entry, st.just(0), parameter_names, inner)
    built_in = st.builds(ast.Name, st.just(0), st.sampled_from(sorted(BUILTINS)))
    return st.one_of(
        st.builds(ast.Call, st.just(0), inner | built_in, st.lists(inner, max_size=3).map(tuple)),
        st.builds(ast.Call, st.just(0), built_in, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(
            ast.NamedCall,
            st.just(0),
            inner,
            st.lists(named, min_size=1, max_size=3, unique_by=lambda node: node.key).map(tuple),
        ),
    )


def _grow(inner):
    at = st.just(0)
    operands = st.lists(inner, min_size=2, max_size=3).map(tuple)
    entry = st.builds(ast.Entry, at, st.one_of(names, texts), inner)
    branches = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(ast.ListLiteral, at, st.lists(inner, max_size=3).map(tuple)),
        st.builds(ast.ContextLiteral, at, st.lists(entry, max_size=3).map(tuple)),
        st.builds(ast.RangeLiteral, at, inner, inner, st.booleans(), st.booleans()),
        _one_sided(inner),
        _functions(inner),
        st.builds(ast.If, at, branches, inner),
        st.builds(ast.For, at, _iterators(inner), inner),
        st.builds(ast.Quantified, at, st.booleans(), _iterators(inner), inner),
        st.builds(ast.Disjunction, at, operands),
        st.builds(ast.Conjunction, at, operands),
        st.builds(ast.Comparison, at, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), inner, inner),
        st.builds(ast.Between, at, inner, inner, inner),
        st.builds(ast.In, at, inner, st.lists(inner | _one_sided(inner), min_size=1, max_size=3).map(tuple)),
        _arithmetic(inner),
        st.builds(ast.Negation, at, inner),
        st.builds(ast.InstanceOf, at, inner, types),
        st.builds(ast.Path, at, inner, names | st.sampled_from(("and", "end", "in"))),
        st.builds(ast.Filter, at, inner, inner),
        _calls(inner),
    )


expressions = st.recursive(leaves, _grow, max_leaves=12)
cells = st.builds(
    ast.UnaryTests, st.just(0), st.booleans(), st.lists(expressions, min_size=1, max_size=3).map(tuple)
) | st.just(ast.UnaryTests(0, negated=False, tests=()))
