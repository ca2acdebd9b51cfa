"""Cuts an expression's text into tokens, one at a time and on demand.

On demand, because what ``monthly income`` or ``a-b`` is depends on the names that are in scope at that
point, and the parser learns some of those names while it reads.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from service.feel.errors import FeelSyntaxError, Source, syntax_error
from service.feel.names import NAME_WORD, WHITE, KnownNames

KEYWORDS: Final = frozenset(
    {
        "and",
        "between",
        "else",
        "every",
        "false",
        "for",
        "function",
        "if",
        "in",
        "instance",
        "null",
        "of",
        "or",
        "return",
        "satisfies",
        "some",
        "then",
        "true",
    }
)
"""Words that are never names, except after a dot and as context keys."""


class Token(NamedTuple):
    """A word, number, string or symbol.

    Attributes:
        kind: ``word`` (keywords too), ``name`` (a known name of several words), ``number``, ``string``,
            ``symbol``, ``end``.
        text: what it says; for strings with the escapes resolved.
        start: offset of its first character.
        end: offset behind its last character.
    """

    kind: str
    text: str
    start: int
    end: int


_TOKEN: Final = re.compile(
    f"(?:[{WHITE}]++|//[^\\n]*+|/\\*(?s:.*?)\\*/)*+"
    "(?:"
    "(?P<number>(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    f"|(?P<word>{NAME_WORD})"
    "|(?P<symbol>\\.\\.|\\*\\*|->|[<>!]=|[-+*/<>=()\\[\\]{}.,:@])"
    '|(?P<string>"(?:[^"\\\\]++|\\\\.)*+")'
    "|(?P<end>\\Z)"
    ")",
    re.DOTALL,
)
_SKIPPED: Final = re.compile(f"(?:[{WHITE}]++|//[^\\n]*+|/\\*(?s:.*?)\\*/)*+")
_ESCAPE: Final = re.compile(r"\\(?:([nrt'\"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|.|$)", re.DOTALL)
_SIMPLE_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "'": "'", '"': '"', "\\": "\\"}
_HINTS: Final = {
    "'": ("; chuỗi viết trong dấu nháy kép", "; strings are written in double quotes"),
    "&": ("; viết 'and'", "; write 'and'"),
    "|": ("; viết 'or'", "; write 'or'"),
    "!": ("; viết 'not(…)'", "; write 'not(…)'"),
    "%": ("; viết 'modulo(a, b)'", "; write 'modulo(a, b)'"),
    ";": ("; các phần tử cách nhau bằng dấu phẩy", "; items are separated by commas"),
}
_LAST_CODE_POINT: Final = 0x10FFFF


def next_token(source: Source, at: int, names: KnownNames) -> Token:
    """Return the token that begins at or after ``at``, white space and comments skipped.

    Raises:
        FeelSyntaxError: no token begins there.
    """
    text = source.text
    found = _TOKEN.match(text, at)
    if found is None:
        raise _unreadable(source, at)
    kind = found.lastgroup or "end"
    start, end = found.span(kind)
    if kind == "word":
        return _word(text, start, end, names)
    if kind == "string":
        return Token(kind, _unescaped(text[start + 1 : end - 1]), start, end)
    return Token(kind, text[start:end], start, end)


def skip_white(text: str, at: int) -> int:
    """Return the offset of the first character at or after ``at`` that is neither white space nor comment."""
    found = _SKIPPED.match(text, at)
    return found.end() if found else at


def _word(text: str, start: int, end: int, names: KnownNames) -> Token:
    word = text[start:end]
    if not word.isascii():
        word = unicodedata.normalize("NFC", word)
    known = names.longest(text, word, end)
    if known is not None:
        return Token("name", known[0], start, known[1])
    return Token("word", word, start, end)


def _unescaped(raw: str) -> str:
    r"""Resolve the escapes of a string literal (rule 64); a surrogate pair becomes one character.

    What is no escape stays as written, backslash and all: ``"\s+"`` is how people write patterns.
    """
    if "\\" not in raw:
        return raw
    return _ESCAPE.sub(_resolve, raw).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _resolve(escape: re.Match[str]) -> str:
    simple, short, long = escape.groups()
    if simple:
        return _SIMPLE_ESCAPES[simple]
    if short or (long and int(long, 16) <= _LAST_CODE_POINT):
        return chr(int(short or long, 16))
    return escape[0]


def _unreadable(source: Source, at: int) -> FeelSyntaxError:
    at = skip_white(source.text, at)
    rest = source.text[at : at + 2]
    if rest.startswith('"'):
        return syntax_error(
            source, at, "string_open", 'chuỗi chưa được đóng bằng dấu "', 'the string is not closed by "'
        )
    if rest == "/*":
        return syntax_error(
            source, at, "comment_open", "chú thích chưa được đóng bằng */", "the comment is not closed by */"
        )
    character = rest[:1]
    vi, en = _HINTS.get(character, ("", ""))
    return syntax_error(
        source,
        at,
        "character",
        f"ký tự '{character}' không có trong FEEL{vi}",
        f"the character '{character}' is not part of FEEL{en}",
    )
