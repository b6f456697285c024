# SPDX-License-Identifier: Apache-2.0
"""Where a C++ source can be altered, one place at a time: the mutants of mutate.py.

A site is a span of the text and what takes its place, on as many lines as before. What looks like a
site and does not compile, or compiles to the same, is sorted out later by the compiler. The sources
are in Google's format: binary operators stand between spaces, template brackets do not.
"""

import collections
import re

# kind: see KINDS. The text from start to end becomes `new`.
Site = collections.namedtuple("Site", "kind start end new")

KINDS = {
    "condition": "a condition negated",
    "comparison": "a comparison shifted (< becomes <=) or turned (== becomes !=)",
    "logic": "&& and || exchanged",
    "constant": "an integer or a real number one more or less, true and false exchanged",
    "arithmetic": "+ and -, * and /, min and max exchanged",
    "return": "an early return, continue or break removed",
    "statement": "a call or an assignment removed",
    "cell": "a field of a table's row left out, or another name in its place",
}

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = set(OPENERS.values())
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
NO_STATEMENT = re.compile(r"(return|using|const|auto|static|if|for|while|switch|case|break|"
                          r"continue|default|else|do|typedef|goto|namespace|template)\b")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def mask(text):
    """The text with comments, strings, directives and static_asserts blanked: only code is left."""
    text = re.sub(r'R"\((?:.|\n)*?\)"|//[^\n]*|/\*(?:.|\n)*?\*/|"(?:\\.|[^"\\\n])*"'
                  r"|(?<![\w])'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                  lambda match: blank(match.group()), text, flags=re.M)
    for match in re.finditer(r"\bstatic_assert\(", text):
        end = closing(text, match.end() - 1)
        text = text[:match.start()] + blank(text[match.start():end]) + text[end:]
    return text


def closing(code, opener):
    """Where the bracket at `opener` is closed, or the end of the text."""
    depth = 0
    for i in range(opener, len(code)):
        depth += (code[i] in OPENERS) - (code[i] in CLOSERS)
        if depth == 0:
            return i
    return len(code)


def opening(code, position):
    """Where the innermost bracket that is open at `position` stands, or -1."""
    depth = 0
    for i in range(position - 1, -1, -1):
        depth += (code[i] in CLOSERS) - (code[i] in OPENERS)
        if depth < 0:
            return i
    return -1


def statement_end(code, start):
    """Behind the semicolon that ends the statement at `start`."""
    depth = 0
    for i in range(start, len(code)):
        if code[i] == ";" and depth == 0:
            return i + 1
        depth += (code[i] in OPENERS) - (code[i] in CLOSERS)
        if depth < 0:
            return i
    return len(code)


def control_before(code, position):
    """The word (if, for, while, switch, else, do) whose body starts at `position`, or ''."""
    before = code[:position].rstrip()
    if before.endswith(")"):
        opener = opening(code, len(before) - 1)
        before = code[:opener].rstrip()
        before = before.removesuffix("constexpr").rstrip()
    word = re.search(r"\w+$", before)
    return word.group() if word and word.group() in ("if", "for", "while", "switch", "else",
                                                     "do") else ""


def conditions(text, code):
    for match in re.finditer(r"\b(?:if|while) \(", code):
        end = closing(code, match.end() - 1)
        start = match.end()
        depth = 0
        for i in range(start, end):  # `if (initializer; condition)`
            depth += (code[i] in OPENERS) - (code[i] in CLOSERS)
            if code[i] == ";" and depth == 0:
                start = i + 1
        yield Site("condition", start, end, f"!({text[start:end]})")
    for match in re.finditer(r"(?<=[(\s])!(?=[\w(])", code):
        yield Site("condition", match.start(), match.end(), "")
    for match in re.finditer(r"\s\?\s", code):
        start = condition_start(code, match.start())
        yield Site("condition", start, match.start(), f"!({text[start:match.start()]})")


def condition_start(code, end):
    """Where the condition of `condition ? a : b` starts that ends at `end`."""
    depth = 0
    for i in range(end - 1, -1, -1):
        depth += (code[i] in CLOSERS) - (code[i] in OPENERS)
        rest = code[i:end]
        stops = depth < 0 or (depth == 0 and code[i] in ",;")
        word = re.match(r"(return\s|= |: |\? |<< )", rest) if depth == 0 and i > 0 else None
        if word and (code[i - 1].isspace() or code[i - 1] in ";{}"):
            return i + word.end()
        if stops:
            return i + 1 + len(rest[1:]) - len(rest[1:].lstrip())
    return 0


def exchanges(code):
    for match in re.finditer(r"(?<=\s)(<=?|>=?|[=!]=)(?=\s)", code):
        yield Site("comparison", *match.span(), COMPARISONS[match.group()])
    for match in re.finditer(r"(?<=\s)(&&|\|\|)(?=\s)", code):
        yield Site("logic", *match.span(), "||" if match.group() == "&&" else "&&")
    for match in re.finditer(r"(?<=[\w)\]] )[-+*/](?=\s)", code):
        yield Site("arithmetic", *match.span(), ARITHMETIC[match.group()])
    for match in re.finditer(r"\bstd::(min|max)(?=[<(])", code):
        yield Site("arithmetic", *match.span(1), "max" if match.group(1) == "min" else "min")


def constants(code):
    number = r"(?<![\w.])(\d+)(\.\d+)?([eE][-+]?\d+)?([fFuUlL]*)(?![\w.])"
    for match in re.finditer(number, code):
        whole, *rest = match.groups("")
        for new in {int(whole) + 1, abs(int(whole) - 1)}:
            yield Site("constant", *match.span(), f"{new}{''.join(rest)}")
    for match in re.finditer(r"(?<![\w.])0x([0-9a-fA-F]+)", code):
        yield Site("constant", *match.span(), hex(int(match.group(1), 16) + 1))
    for match in re.finditer(r"\b(true|false)\b", code):
        yield Site("constant", *match.span(), "false" if match.group() == "true" else "true")


def removed(text, start, end):
    return ";" + blank(text[start:end])[1:]


def statements(text, code):
    for match in re.finditer(r"\bif \(", code):
        body = closing(code, match.end() - 1) + 1
        if re.match(r"\s(?:return|continue|break)\b", code[body:]):
            end = statement_end(code, body)
            yield Site("return", match.start(), end, removed(text, match.start(), end))
    for match in re.finditer(r"(?<=[;{}])\s+(return|continue|break)\b", code):
        # In a block that belongs to a control statement: the last return of a function must stay.
        block = opening(code, match.start(1))
        if block >= 0 and code[block] == "{" and control_before(code, block):
            end = statement_end(code, match.start(1))
            yield Site("return", match.start(1), end, removed(text, match.start(1), end))
    for match in re.finditer(r"(?<=[;{})e])\s+(?=[A-Za-z_*+(-])", code):
        start = match.end()
        previous = code[match.start() - 1]
        if previous in ")e" and not control_before(code, start):
            continue
        end = statement_end(code, start)
        statement = code[start:end]
        if not statement.endswith(";") or NO_STATEMENT.match(statement):
            continue
        if is_call(statement) or re.match(r"[\w.\->\[\]():*]+ [-+|&*/]?= ", statement) or re.match(
                r"(\+\+|--)", statement):
            yield Site("statement", start, end, removed(text, start, end))


def is_call(statement):
    """`f(...);`, `a.b->f<T>(...);`, and not a declaration, whose type stands before a space."""
    head = re.match(r"[\w:.*]+(?:->|[\w:.\[\]]|<[\w:, *]+>(?=\())*\(", statement)
    return bool(head) and statement.rstrip(";").endswith(")")


def cells(text, code):
    for match in re.finditer(r"(?<=[{ ])\.\w+ = ", code):
        opener = opening(code, match.start())
        if opener < 0 or code[opener] != "{":
            continue
        end = match.end()
        while end < len(code) and code[end] != "," and code[end] not in CLOSERS:
            end = closing(code, end) + 1 if code[end] in OPENERS else end + 1
        if code[end:end + 1] == ",":
            end += 1
        yield Site("cell", match.start(), end, blank(text[match.start():end]))
    for pattern in (r"(?<![\w:])k[A-Z0-9]\w*(?![\w(])", r"\b[A-Z]\w+::k[A-Z]\w*(?![\w(])",
                    r"\bBuiltinOperator_\w+", r"\bTensorType_\w+"):
        names = collections.defaultdict(set)
        matches = list(re.finditer(pattern, code))
        for match in matches:
            names[family(match.group())].add(match.group())
        for match in matches:
            # One that stands next to it in the alphabet: the choice must not depend on chance.
            others = sorted(names[family(match.group())])
            if len(others) > 1:
                other = others[(others.index(match.group()) + 1) % len(others)]
                yield Site("cell", *match.span(), other)


def family(name):
    """What can stand for a name: another of its enum or, where that does not show, of its file."""
    return name.rsplit("::", 1)[0] if "::" in name else ""


def find_sites(text):
    code = mask(text)
    found = {*conditions(text, code), *exchanges(code), *constants(code), *statements(text, code),
             *cells(text, code)}
    return sorted(site for site in found if text[site.start:site.end] != site.new)


def apply(text, site):
    return text[:site.start] + site.new + text[site.end:]
