"""The parser's place in the text: the current token, the names in scope, and how it complains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.feel.ast import Node
from service.feel.errors import FeelSyntaxError, Place, Source, limit_error, syntax_error
from service.feel.limits import Limits
from service.feel.names import PROPERTIES, KnownNames, raw_name
from service.feel.scanner import KEYWORDS, Token, next_token, skip_white

_LONGEST_SHOWN: Final = 40


class Cursor:
    """Walks over the tokens of one text.

    Attributes:
        source: the text.
        names: names of several words that are in scope; grows while reading.
        token: the current token, not yet consumed.
        filters: whether ``[`` after an operand filters it; off in the upper end of a range, where
            ``[1..3[`` closes.
        expression: reads one whole expression; handed in by the grammar that uses the cursor.
    """

    __slots__ = ("_consumed", "_depth", "_nesting", "expression", "filters", "names", "source", "token")

    def __init__(
        self, source: Source, names: KnownNames, limits: Limits, expression: Callable[[Cursor], Node]
    ) -> None:
        self.source = source
        self.names = names
        self.filters = True
        self.expression = expression
        self._nesting = limits.nesting
        self._depth = 0
        self._consumed: Token | None = None
        self.token = next_token(source, 0, names)

    def mark(self) -> tuple[Token, int, bool]:
        """Return a mark that :meth:`go_back` takes."""
        return self.token, self._depth, self.filters

    def go_back(self, mark: tuple[Token, int, bool]) -> None:
        """Go back to where the mark was made; learned names stay."""
        self.token, self._depth, self.filters = mark

    def advance(self) -> Token:
        """Consume the current token and return it."""
        consumed = self._consumed = self.token
        self.token = next_token(self.source, consumed.end, self.names)
        return consumed

    def is_symbol(self, text: str) -> bool:
        """Tell whether the current token is this symbol."""
        return self.token.kind == "symbol" and self.token.text == text

    def is_word(self, text: str) -> bool:
        """Tell whether the current token is this word."""
        return self.token.kind == "word" and self.token.text == text

    def take_symbol(self, text: str) -> bool:
        """Consume the current token if it is this symbol, and tell so."""
        if not self.is_symbol(text):
            return False
        self.advance()
        return True

    def expect_symbol(self, text: str) -> Token:
        """Consume this symbol.

        Raises:
            FeelSyntaxError: something else stands here.
        """
        if not self.is_symbol(text):
            raise self.expected(f"'{text}'", f"'{text}'")
        return self.advance()

    def expect_word(self, text: str) -> Token:
        """Consume this word.

        Raises:
            FeelSyntaxError: something else stands here.
        """
        if not self.is_word(text):
            raise self.expected(f"'{text}'", f"'{text}'")
        return self.advance()

    def expect_end(self) -> None:
        """Make sure that nothing follows.

        Raises:
            FeelSyntaxError: something follows.
        """
        if self.token.kind != "end":
            raise self.expected("toán tử hoặc hết biểu thức", "an operator or the end")

    def property_name(self) -> str:
        """Consume the name behind a dot; keywords are names there.

        Raises:
            FeelSyntaxError: no name stands here.
        """
        if self.token.kind not in ("word", "name"):
            raise self.expected("tên thuộc tính sau dấu chấm", "the name of a property after the dot")
        known = PROPERTIES.longest(self.source.text, self.token.text, self.token.end)
        if known is not None and self.token.kind == "word":
            self.token = Token("name", known[0], self.token.start, known[1])
        return self.advance().text

    def raw_name_before(self, *closers: str) -> str | None:
        """Consume a name of any words if one of the symbols ``closers`` follows it; else None."""
        start = self.token.start
        name, end = raw_name(self.source.text, start)
        after = skip_white(self.source.text, end)
        if not name or not self.source.text.startswith(closers, after):
            return None
        self.token = next_token(self.source, end, self.names)
        return name

    def loop_variable(self) -> str:
        """Consume the words before ``in``, learn and return them as one name.

        Raises:
            FeelSyntaxError: no name or no ``in`` stands here.
        """
        start = end = self.token.start
        while self.token.kind in ("word", "name") or (
            self.token.kind == "symbol" and self.token.text in "-+*/."
        ):
            if (self.is_word("in") and end > start) or self.token.text in ("return", "satisfies"):
                break
            end = self.advance().end
        written = self.source.text[start:end]
        name, length = raw_name(written, 0)
        if name and length == len(written) and self.is_word("in") and name not in KEYWORDS:
            self.learn(name)
            return name
        raise self.expected("tên biến rồi 'in'", "the name of a variable and then 'in'")

    def learn(self, name: str) -> None:
        """Put a name in scope for the rest of the text."""
        self.names.learn(name)

    def deeper(self, levels: int = 1) -> None:
        """Go ``levels`` deeper into the nesting.

        Raises:
            FeelLimitError: it is nested too deep.
        """
        self._depth += levels
        if self._depth > self._nesting:
            raise limit_error(
                Place(self.source, self.token.start),
                "nesting",
                f"Biểu thức lồng nhau quá {self._nesting} cấp.",
                f"The expression is nested more than {self._nesting} levels deep.",
            )

    def shallower(self, levels: int = 1) -> None:
        """Come back from :meth:`deeper`."""
        self._depth -= levels

    def repeated(self, at: int, name: str) -> FeelSyntaxError:
        """Build the error that says that a parameter was named before."""
        return syntax_error(
            self.source,
            at,
            "repeated",
            f"tham số '{name}' đã có rồi",
            f"the parameter '{name}' was given before",
        )

    def expected(self, vi: str, en: str) -> FeelSyntaxError:
        """Build the error that says what was expected here and what stands here."""
        token = self.token
        found = self.source.text[token.start : min(token.end, token.start + _LONGEST_SHOWN)]
        hint_vi, hint_en = self._hint()
        return syntax_error(
            self.source,
            token.start,
            "expected",
            f"cần {vi}, nhưng gặp " + (f"'{found}'" if found else "hết biểu thức") + hint_vi,
            f"expected {en}, found " + (f"'{found}'" if found else "the end") + hint_en,
        )

    def _hint(self) -> tuple[str, str]:
        """Return what to add when two words in a row look like a name that was never declared."""
        first, second = self._consumed, self.token
        if first is None or first.kind not in ("word", "name") or second.kind != "word":
            return "", ""
        if not {first.text, second.text}.isdisjoint(KEYWORDS):
            return "", ""
        name = f"{first.text} {second.text}"
        return (
            f"; có tên '{name}…' nào chưa khai báo không?",
            f"; is there a name '{name}…' that is not declared?",
        )
