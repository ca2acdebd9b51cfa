"""String functions with regular expressions: matches, replace, split, extract (DMN 1.5, table 75).

Matching is bounded in time by the run's limits; translator and matcher are loaded at the first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from service.feel.errors import limit_error
from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values.reasons import Reason

if TYPE_CHECKING:
    import regex

PATTERNS: Final = Library()

_FLAGS: Final = frozenset("smixq")


@PATTERNS.function("matches(input: string, pattern: string, flags?: string?) -> boolean")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | Reason:
    """Tell whether the pattern matches somewhere in the text."""
    compiled = _compile(pattern, flags or "")
    if isinstance(compiled, Reason):
        return compiled
    return next(_found(run, compiled, text), None) is not None


@PATTERNS.function("replace(input: string, pattern: string, replacement: string, flags?: string?) -> string")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | Reason:
    r"""Replace each match; ``$1`` stands for a group, ``$0`` for the match; write ``\$`` for ``$``."""
    compiled = _compile_for_pieces(pattern, flags or "")
    if isinstance(compiled, Reason):
        return compiled
    template = [replacement] if "q" in (flags or "") else _parse_replacement(replacement, compiled.groups)
    if isinstance(template, Reason):
        return template
    pieces: list[str] = []
    size, end = 0, 0
    for match in _found(run, compiled, text):
        filled = [part if isinstance(part, str) else (match[part] or "") for part in template]
        pieces += (text[end : match.start()], *filled)
        size += match.start() - end + sum(len(part) for part in filled)
        run.check_string(size)
        end = match.end()
    pieces.append(text[end:])
    run.check_string(size + len(text) - end)
    return "".join(pieces)


@PATTERNS.function("split(string: string, delimiter: string) -> list<string>")
def split(run: Run, text: str, delimiter: str) -> list[str] | Reason:
    """Cut the text at each match of the delimiter, a regular expression."""
    compiled = _compile_for_pieces(delimiter, "")
    if isinstance(compiled, Reason):
        return compiled
    pieces: list[str] = []
    end = 0
    for match in _found(run, compiled, text):
        pieces.append(text[end : match.start()])
        end = match.end()
    pieces.append(text[end:])
    run.check_list(len(pieces))
    return pieces


@PATTERNS.function("extract(input: string, pattern: string, flags?: string?) -> list<string>")
def extract(run: Run, text: str, pattern: str, flags: str | None = None) -> list[str] | Reason:
    """Give every match in the text, in order."""
    compiled = _compile(pattern, flags or "")
    if isinstance(compiled, Reason):
        return compiled
    found = [match[0] for match in _found(run, compiled, text)]
    run.check_list(len(found))
    return found


def _found(run: Run, compiled: regex.Pattern[str], text: str) -> Iterator[regex.Match[str]]:
    """Give the matches from left to right.

    Raises:
        FeelLimitError: it takes longer than the run allows.
    """
    seconds = run.limits.regex_seconds
    try:
        for match in compiled.finditer(text, timeout=seconds):
            run.spend(1)
            yield match
    except (TimeoutError, MemoryError) as error:
        raise limit_error(
            run.place,
            "regex_time",
            f"So khớp biểu thức chính quy “{_shown(compiled)}” lâu quá {seconds:g} giây.",
            f"Matching a regular expression takes more than {seconds:g} seconds.",
        ) from error


def _compile(pattern: str, flags: str) -> regex.Pattern[str] | Reason:
    unknown = set(flags) - _FLAGS
    if unknown:
        shown = "".join(sorted(unknown))
        return Reason(
            "feel.regex_flags",
            f"cờ “{shown}” không có; chỉ dùng s, m, i, x, q.",
            f"there is no flag “{shown}”; only s, m, i, x, q.",
        )
    return _compiled(pattern, "".join(sorted(set(flags))))


def _compile_for_pieces(pattern: str, flags: str) -> regex.Pattern[str] | Reason:
    """Compile a pattern that cuts a text into pieces: it must not match the empty string (FORX0003)."""
    compiled = _compile(pattern, flags)
    if not isinstance(compiled, Reason) and compiled.search("") is not None:
        return Reason(
            "feel.regex_empty_match",
            f"biểu thức chính quy “{pattern}” khớp cả chuỗi rỗng.",
            f"the regular expression “{pattern}” matches the empty string.",
        )
    return compiled


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str] | Reason:
    # 30 ms that most evaluations never need.
    import regex

    from service.feel.functions.xpath_patterns import InvalidPatternError, translate

    try:
        translated = translate(pattern, flags)
        case = regex.IGNORECASE if "i" in flags else 0
        return regex.compile(f"(?-f){translated}", regex.VERSION1 | case)
    except InvalidPatternError as error:
        vi, en = error.vi, error.en
    except regex.error as error:
        vi = en = str(error)
    return Reason(
        "feel.regex_syntax",
        f"“{pattern}” không phải biểu thức chính quy đúng: {vi}.",
        f"“{pattern}” is not a regular expression: {en}.",
    )


def _parse_replacement(text: str, groups: int) -> list[str | int] | Reason:
    """Read a replacement into literal strings and group numbers (F&O 3.1, 5.6.4)."""
    parts: list[Any] = []
    at = 0
    while at < len(text):
        character, following = text[at], text[at + 1 : at + 2]
        if character == "\\" and following in ("\\", "$"):
            parts.append(following)
            at += 2
        elif character == "$" and following.isascii() and following.isdigit():
            number, at = _group_number(text, at + 1, groups)
            parts.append(number if number <= groups else "")
        elif character in "\\$":
            return Reason(
                "feel.regex_replacement",
                f"trong chuỗi thay thế, viết \\{character} thay cho {character}.",
                f"write \\{character} for {character} in a replacement.",
            )
        else:
            parts.append(character)
            at += 1
    return parts


def _group_number(text: str, at: int, groups: int) -> tuple[int, int]:
    """Read the longest group number that exists; the first digit counts in any case."""
    number = int(text[at])
    at += 1
    while at < len(text) and text[at] in tuple("0123456789") and number * 10 + int(text[at]) <= groups:
        number = number * 10 + int(text[at])
        at += 1
    return number, at


def _shown(compiled: regex.Pattern[str]) -> str:
    return compiled.pattern.removeprefix("(?-f)")[:60]
