r"""Translates XPath regular expressions, which FEEL uses, into patterns of the ``regex`` package.

XPath's dialect (XPath Functions 3.1, 5.6, over XML Schema part 2, appendix F) is not Python's: classes
subtract (``[A-Z-[IO]]``), ``\i \c \p{IsGreek}`` exist, ``$`` holds at the end only, ``.`` stops at
``\r`` too, an unset back-reference matches nothing, the flag ``x`` reaches into ``\p{ }``; much that
Python allows is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from service.feel.errors import limit_error

MAX_PATTERN_CHARACTERS: Final = 4_000
MAX_EXPANSION: Final = 10_000
"""Atoms after writing out every counted repetition, which is what the matcher's compiler does."""
MAX_GROUP_DEPTH: Final = 50

_NAME_START: Final = (
    ":A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F"
    "\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\U00010000-\\U000EFFFF"
)
_NAME: Final = _NAME_START + "\\-.0-9\\xB7\\u0300-\\u036F\\u203F-\\u2040"
_CLASS_ESCAPES: Final[Mapping[str, str]] = {
    "s": "[\\x20\\t\\n\\r]",
    "S": "[^\\x20\\t\\n\\r]",
    "d": "\\p{Nd}",
    "D": "\\P{Nd}",
    "w": "[^\\p{P}\\p{Z}\\p{C}]",
    "W": "[\\p{P}\\p{Z}\\p{C}]",
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME}]",
    "C": f"[^{_NAME}]",
}
_CONTROL_ESCAPES: Final[Mapping[str, str]] = {"n": "\n", "r": "\r", "t": "\t"}
_LITERAL_ESCAPES: Final = frozenset("\\|.-^?*+{}()[]$")
_CATEGORIES: Final = frozenset(
    {"L", "M", "N", "P", "Z", "S", "C"}
    | {f"L{part}" for part in "ultmo"}
    | {f"M{part}" for part in "nce"}
    | {f"N{part}" for part in "dlo"}
    | {f"P{part}" for part in "cdseifo"}
    | {f"Z{part}" for part in "slp"}
    | {f"S{part}" for part in "mcko"}
    | {f"C{part}" for part in "cfon"}
)
_WHITE_SPACE: Final = frozenset(" \t\n\r")


class InvalidPatternError(ValueError):
    """The text is not a regular expression of XPath; ``vi`` and ``en`` say why."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en


def translate(pattern: str, flags: str) -> str:
    """Return the pattern in the ``regex`` package's version 1 syntax; the flag ``i`` is left to its compiler.

    Args:
        pattern: the regular expression of XPath.
        flags: any of ``s m i x q``.

    Raises:
        InvalidPatternError: it is not a regular expression.
        FeelLimitError: it is too long, too deep, or its counted repetitions are too large.
    """
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        _over_limit(
            f"dài quá {MAX_PATTERN_CHARACTERS} ký tự", f"is longer than {MAX_PATTERN_CHARACTERS} characters"
        )
    if "q" in flags:
        return "".join(_literal(character) for character in pattern)
    text = _without_white_space(pattern) if "x" in flags else pattern
    return _Translator(text, flags).translate()


class _Translator:
    """One pass over one pattern; each method reads a construct and returns translation and expanded size."""

    def __init__(self, text: str, flags: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._opened = 0
        self._closed: set[int] = set()
        self._ignores_case = "i" in flags
        self._dot = "(?s:.)" if "s" in flags else "[^\\n\\r]"
        self._caret, self._dollar = "(?:\\A)", "(?:\\Z)"
        if "m" in flags:
            self._caret, self._dollar = "(?:\\A|(?<=\\n)(?!\\Z))", "(?:(?=\\n)|\\Z)"

    def translate(self) -> str:
        translated, _size = self._alternatives()
        if self._at < len(self._text):
            _invalid("“)” thừa", "there is a “)” too many")
        return translated

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._text[at] if at < len(self._text) else ""

    def _next(self) -> str:
        character = self._peek()
        if not character:
            _invalid("biểu thức kết thúc giữa chừng", "it ends in the middle of a construct")
        self._at += 1
        return character

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True

    def _alternatives(self) -> tuple[str, int]:
        parts, total = [], 0
        while True:
            part, size = self._sequence()
            parts.append(part)
            total += size
            if not self._take("|"):
                return "|".join(parts), total

    def _sequence(self) -> tuple[str, int]:
        parts, total = [], 0
        while self._peek() not in ("", "|", ")"):
            atom, size = self._atom()
            quantifier, times = self._quantifier()
            parts.append(atom + quantifier)
            total += size * times
            if total > MAX_EXPANSION:
                _over_limit("có số lần lặp quá lớn", "repeats too many times")
        return "".join(parts), total

    def _atom(self) -> tuple[str, int]:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class(), 1
        if character == "\\":
            return self._escape(), 1
        if character in "?*+{}]":
            _invalid(f"“{character}” đứng sai chỗ", f"“{character}” stands in the wrong place")
        anchors = {".": self._dot, "^": self._caret, "$": self._dollar}
        return anchors.get(character) or _literal(character), 1

    def _group(self) -> tuple[str, int]:
        self._depth += 1
        if self._depth > MAX_GROUP_DEPTH:
            _over_limit(
                f"lồng nhau quá {MAX_GROUP_DEPTH} cấp", f"is nested more than {MAX_GROUP_DEPTH} levels deep"
            )
        captures = True
        if self._take("?"):
            captures = False
            if not self._take(":"):
                _invalid("“(?” chỉ được dùng trong “(?:”", "“(?” may only begin “(?:”")
        number = 0
        if captures:
            self._opened += 1
            number = self._opened
        inside, size = self._alternatives()
        if not self._take(")"):
            _invalid("thiếu “)”", "a “)” is missing")
        self._depth -= 1
        self._closed.add(number)
        return f"({'' if captures else '?:'}{inside})", size + 1

    def _quantifier(self) -> tuple[str, int]:
        """Read a quantifier if there is one; the number says how often the atom is written out."""
        character = self._peek()
        if character not in ("?", "*", "+", "{") or not character:
            return "", 1
        self._at += 1
        translated, times = (character, 1) if character != "{" else self._count()
        return translated + ("?" if self._take("?") else ""), times

    def _count(self) -> tuple[str, int]:
        least = self._digits()
        most: int | None = least
        if self._take(","):
            most = None if self._peek() == "}" else self._digits()
        if not self._take("}"):
            _invalid("thiếu “}”", "a “}” is missing")
        if most is not None and most < least:
            _invalid("số lần lặp tối đa nhỏ hơn tối thiểu", "the largest count is below the smallest")
        upper = "" if most is None else str(most)
        return f"{{{least},{upper}}}", max(least, most or 0, 1)

    def _digits(self) -> int:
        start = self._at
        while self._peek() in tuple("0123456789"):
            self._at += 1
        digits = self._text[start : self._at]
        if not digits:
            _invalid("“{” phải đi với số lần lặp", "“{” must be followed by a count")
        if len(digits) > 6:  # noqa: PLR2004 - far beyond MAX_EXPANSION
            _over_limit("có số lần lặp quá lớn", "repeats too many times")
        return int(digits)

    def _escape(self) -> str:
        """Read what follows a backslash outside a class."""
        if self._peek() in tuple("0123456789"):
            return self._back_reference()
        translated, character = self._class_escape()
        if character:
            return _literal(character)
        return f"(?-i:{translated})" if self._ignores_case else translated

    def _back_reference(self) -> str:
        number = int(self._next())
        while self._peek() in tuple("0123456789") and number * 10 + int(self._peek()) <= self._opened:
            number = number * 10 + int(self._next())
        if number not in self._closed or not number:
            _invalid(
                f"\\{number} trỏ đến nhóm chưa có", f"\\{number} refers to a group that is not there yet"
            )
        return f"(?:(?({number})\\g<{number}>))"

    def _class_escape(self) -> tuple[str, str]:
        """Read what follows a backslash: a class of characters, or one character (the second answer)."""
        character = self._next()
        if character in _CLASS_ESCAPES:
            return _CLASS_ESCAPES[character], ""
        if character in ("p", "P"):
            return self._property(character), ""
        if character in _CONTROL_ESCAPES:
            return "", _CONTROL_ESCAPES[character]
        if character in _LITERAL_ESCAPES:
            return "", character
        return _invalid(f"\\{character} không có nghĩa", f"\\{character} means nothing")

    def _property(self, letter: str) -> str:
        end = self._text.find("}", self._at)
        if not self._take("{") or end < 0:
            _invalid("\\p phải đi với {…}", "\\p must be followed by {…}")
        name = self._text[self._at : end]
        self._at = end + 1
        if name in _CATEGORIES:
            return f"\\{letter}{{{name}}}"
        block = name.removeprefix("Is")
        if block == name or not block.replace("-", "").isalnum() or not block.isascii():
            _invalid(f"không có nhóm ký tự “{name}”", f"there is no character group “{name}”")
        return f"\\{letter}{{Block={block}}}"

    def _class(self) -> str:
        """Read a character class behind its opening bracket."""
        negation = "^" if self._take("^") else ""
        members: list[str] = []
        while not self._take("]") or not members:
            if self._peek(-1) == "]" and not members:
                _invalid("“[]” rỗng", "“[]” is empty")
            if self._peek() == "-" and self._peek(1) == "[" and members:
                self._at += 2
                subtrahend = self._class()
                if not self._take("]"):
                    _invalid("phần trừ phải đứng cuối “[…]”", "a subtraction must end its “[…]”")
                return f"[[{negation}{''.join(members)}]--{subtrahend}]"
            members.append(self._member(is_first=not members))
        return f"[{negation}{''.join(members)}]"

    def _member(self, *, is_first: bool) -> str:
        """Read one character, class escape or range of a class."""
        translated, low = self._class_character(is_first=is_first)
        if not low or self._peek() != "-" or self._peek(1) in ("]", "["):
            return translated or _literal(low)
        self._at += 1
        _translated, high = self._class_character(is_first=False)
        if not high or high < low:
            _invalid(f"khoảng ký tự “{low}-” sai", f"the character range “{low}-” is wrong")
        return f"{_literal(low)}-{_literal(high)}"

    def _class_character(self, *, is_first: bool) -> tuple[str, str]:
        character = self._next()
        if character == "\\":
            return self._class_escape()
        is_stray_dash = character == "-" and not is_first and self._peek() not in ("]", "-")
        if character in "[]" or is_stray_dash:
            _invalid(
                f"“{character}” trong “[…]” phải viết “\\{character}”", f"write “\\{character}” inside “[…]”"
            )
        return "", character


def _literal(character: str) -> str:
    """Write one character so that it stands for itself anywhere."""
    if character.isalnum() and character.isascii():
        return character
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 - what \x can hold
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004 - what \u can hold


def _without_white_space(pattern: str) -> str:
    """Apply the flag ``x``: drop white space outside character classes, even behind a backslash."""
    kept: list[str] = []
    depth, is_escaped = 0, False
    for character in pattern:
        if character in _WHITE_SPACE and not depth:
            continue
        if not is_escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        is_escaped = character == "\\" and not is_escaped
        kept.append(character)
    return "".join(kept)


def _invalid(vi: str, en: str) -> NoReturn:
    raise InvalidPatternError(vi, en)


def _over_limit(vi: str, en: str) -> NoReturn:
    raise limit_error(None, "regex_size", f"Biểu thức chính quy {vi}.", f"A regular expression {en}.")
