# SPDX-License-Identifier: Apache-2.0
"""cfg files are read exactly as Python's configparser reads them.

cfg_dump prints what driver/python/cfg_file.cc reads in many texts at once; configparser reads the same
texts here, and every section, key, value, boolean and error must be the same. The errors are
compared as text: each of configparser's exceptions has its message here. configparser stops at the
first section or option that is there twice and forgets the mistakes before; CfgFile tells all of
them, which are held against a configparser that permits repetitions.

    Q_IMPLANT_BIN_DIR=build/bin python -m pytest driver/python/cfg_file_test.py
"""

import ast
import configparser
import io
import json
import random
import re
import subprocess
from unittest import mock

import pytest

import commands

SEEDS = range(3000)


# --- the messages that stand for configparser's exceptions


def written(text):
    """A message is one line: what breaks, hides or reorders text is escaped (ir/utf8.h)."""
    def escaped(match):
        code = ord(match[0])
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"
    return re.sub("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", escaped, text)


def without_lines(text):
    """configparser doesn't tell where an option stands, nor the first of two."""
    text = re.sub(r"^(error: m\.cfg:)\d+(: option ')", r"\1N\2", text)
    return re.sub(r"(there already, on line )\d+", r"\1N", text)


def message(line, text):
    """What this project says of m.cfg."""
    return written(f"error: m.cfg:{line}: {text}")


def no_header(error):
    found = error.line.strip()
    text = f"a line before the first section header: expected '[section]', found '{found}'"
    if error.lineno == 1 and found.startswith("\ufeff"):
        text += "; the file begins with a byte order mark: save it without"
    return message(error.lineno, text)


def mistake(line, found):
    if found[0] in "=:":
        text = f"an option without a name: expected 'key = value', found '{found}'"
    else:
        text = ("neither a section header nor an option: expected '[section]', 'key = value', "
                f"or an indented line that continues a value, found '{found}'; an option "
                "without a value is written 'key ='")
    return message(line, text)


def repeated_section(error):
    return message(
        error.lineno, f"the section [{error.section}] is there already, on line N; put the "
        "options of both into one")


def repeated_option(error):
    return message(
        error.lineno, f"the option '{error.option}' of [{error.section}] is there already, on "
        "line N; keep one of the two")


def not_utf8(data):
    """None where the bytes are text."""
    try:
        data.decode()
        return None
    except UnicodeDecodeError as error:
        at = error.start
    line = 1 + len(re.findall(b"\r\n|\r|\n", data[:at]))
    advice = "save the file as UTF-8"
    if at == 0 and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        advice = f"this is UTF-16: {advice}"
    return message(
        line, f"not UTF-8: expected UTF-8 text, found the byte 0x{data[at]:02x}; {advice}")


def option_error(section, key, text):
    return message("N", f"option '{key}' of [{section}]: {text}")


def interpolation_error(error):
    return option_error(error.section, error.option, interpolation_text(error))


def interpolation_text(error):
    if isinstance(error, configparser.InterpolationMissingOptionError):
        return (f"%({error.reference})s refers to no option: expected one of [{error.section}] "
                "or [DEFAULT]")
    if isinstance(error, configparser.InterpolationDepthError):
        return ("the references are too deep: expected at most 9 inside each other; does the "
                "option refer to itself?")
    reason, found = re.fullmatch(r"(bad .* reference|.*, found:) ([\"'].*)",
                                 error.message).groups()
    found = ast.literal_eval(found)
    if reason.startswith("bad"):
        return f"a bad reference: expected '%(name)s', found '{found}'"
    return ("a '%' that begins no reference: expected '%(name)s', or '%%' for a percent sign, "
            f"found '{found}'")


def boolean_error(section, key, value):
    return option_error(
        section, key, "neither true nor false: expected one of 1, yes, true, on, 0, no, false, "
        f"off, found '{value}'")


# --- reading


def parse(data, strict):
    """The parser as ONE has it, with the file as open() gives it in a UTF-8 locale."""
    parser = configparser.ConfigParser(strict=strict)
    parser.optionxform = str
    parser.read_file(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"), "m.cfg")
    return parser


def value_or_error(get):
    try:
        return get()
    except configparser.InterpolationError as error:
        return {"error": interpolation_error(error)}


def boolean_or_error(parser, section, key, value):
    try:
        return value_or_error(lambda: parser[section].getboolean(key))
    except ValueError:
        return {"error": boolean_error(section, key, value)}


def read_options(parser, section):
    options = []
    for key in parser[section]:
        value = value_or_error(lambda: parser[section][key])
        options.append([key, value, boolean_or_error(parser, section, key, value)])
    return options


def read(data):
    """What configparser reads, in the form that `ours` gives it."""
    try:
        parser = parse(data, strict=True)
    except (UnicodeDecodeError, configparser.Error) as error:
        return read_mistakes(data, error)
    names = parser.sections() + ["DEFAULT"]
    return {"sections": [[name, read_options(parser, name)] for name in names]}


def read_mistakes(data, error):
    """The same where configparser raises `error`."""
    # It may raise another error before it comes to bytes that are no text; here they come first.
    if bad_bytes := not_utf8(data):
        return refused([bad_bytes])
    if isinstance(error, configparser.MissingSectionHeaderError):
        return refused([no_header(error)])
    repetition = None
    if isinstance(error, configparser.DuplicateSectionError):
        repetition = repeated_section(error)
    elif isinstance(error, configparser.DuplicateOptionError):
        # A second option without a name is among the mistakes, and hides what is repeated later.
        repetition = repeated_option(error) if error.option else mock.ANY
    return refused(mistakes(data), repetition)


def refused(messages, repetition=None):
    return {"mistakes": messages, "first repetition": repetition}


def mistakes(data):
    """All but the repetitions."""
    try:
        parse(data, strict=False)
        return []
    except configparser.ParsingError as error:
        return [mistake(line, ast.literal_eval(text).strip()) for line, text in error.errors]


def dump(texts):
    """What cfg_dump reads in each text."""
    framed = b"".join(b"%d\n%b" % (len(text), text) for text in texts)
    done = subprocess.run([commands.find("cfg_dump")], input=framed, capture_output=True,
                          check=True)
    return [ours(json.loads(line)) for line in done.stdout.decode().split("\n")[:-1]]


def ours(dumped):
    if "error" in dumped:
        lines = [without_lines(line) for line in dumped["error"].split("\n")]
        repetitions = [line for line in lines if " is there already, on line N; " in line]
        return refused([line for line in lines if line not in repetitions],
                       repetitions[0] if repetitions else None)
    for _, options in dumped["sections"]:
        for _, *readings in options:
            for reading in readings:
                if isinstance(reading, dict):
                    reading["error"] = without_lines(reading["error"])
    return dumped


def read_both(texts):
    """What configparser and cfg_dump read in each text."""
    return list(zip(map(read, texts), dump(texts), strict=True))


# --- cases written by hand

CASES = {
    # What ONE's own cfg files look like.
    "onecc": b"""\
[onecc]
one-import-tf=True
one-import-tflite=False
one-optimize=True
one-quantize=True

[one-import-tf]
input_path=/path/to/inception_v3.pb
output_path=inception_v3.circle
input_arrays=input
input_shapes=1,299,299,3
output_arrays=InceptionV3/Predictions/Reshape_1
converter_version=v1

[one-optimize]
input_path=inception_v3.circle
output_path=inception_v3.opt.circle
generate_profile_data=False

[one-quantize]
input_path=inception_v3.opt.circle
output_path=inception_v3.quantized.circle
input_data=inception_v3_test_data.h5
""",
    "one-quantize": b"""\
; import what another tool made
[one-quantize]
input_path = model.circle
output_path = %(dir)s/model.q.circle
import_qparam: params/param.json
input_type = uint8,float32
quantized_dtype=
verbose = yes

[DEFAULT]
dir = build
""",
    "onecc backend": b"[backend]\ntarget=my\n[my-codegen]\ncommand=-o %(a)s -v ${b}\na=x\n",
    # Lines.
    "empty file": b"",
    "only blanks": b" \n\t\n",
    "only comments": b"# a\n; b\n  # c\n",
    "no end of line": b"[s]\na=1",
    "CRLF": b"[s]\r\na=1\r\n  2\r\n\r\nb=3\r\n",
    "CR": b"[s]\ra=1\r  2\r\rb=3\r",
    "LF CR": b"[s]\n\ra=1\n\r b\n\r c=3\n",
    "CR at the end": b"[s]\na=1\r",
    "mixed ends": b"[s]\na=1\r 2\r\n 3\n\n\r4:5",
    "vertical tab is no line end": b"[s]\na=1\x0bb=2\n",
    "form feed is no line end": b"[s]\na=1\x0cb=2\n",
    "file separators are no line ends": b"[s]\na=1\x1cb\x1dc\x1ed\x1fe\n",
    "NEL is no line end": "[s]\na=1\x85b=2\n".encode(),
    "line separator is no line end": "[s]\na=1\u2028b=2\u2029c=3\n".encode(),
    "NUL": b"[s\0]\na\0=1\0\n\0 b=2\n",
    # White space.
    "tabs and blanks": b"[s]\na\t =\t 1 \t\n",
    "control characters are blanks": b"[s]\na\x1c=\x1d1\x1e\x1f\n",
    "Unicode blanks": "[s]\na\xa0=\u30001\u2009\u205f\n\u1680\n".encode(),
    "zero width space is no blank": "[s]\na=\u200b1\u200b\n\u200bb=2\n".encode(),
    "Mongolian separator is no blank": "[s]\na=1\u180e\n\u180e\n".encode(),
    "blank lines of Unicode": "[s]\na=1\n\u2028\n\x85\n 2\n".encode(),
    "all of Unicode": "".join(
        f"[s{i:x}]\na=1\n {chr(i)}x{chr(i)}\n" for i in range(1, 0x3100)
        if chr(i) not in "\r\n").encode(),
    "indentation counts characters": "[s]\n\u3000a=1\n  b=2\n".encode(),
    "indentation of Unicode continues": "[s]\na=1\n\u3000b=2\n".encode(),
    "a tab is one character": b"[s]\n  a=1\n\tb=2\n",
    # Comments.
    "no comments behind values": b"[s] ; c\na=1 # c\nb=1 ; c\nc=;\nd=#x\n",
    "comments inside values": b"[s]\na=1\n# c\n 2\n  ; c\n 3\n",
    "comments hide sections": b"[s]\na=1\n#[t]\n;b=2\n",
    "comments are no blank lines": b"[s]\na=1\n#\n\n#\n 2\n",
    "comment before the first section": b"# a=1\n[s]\na=1\n",
    "rem is no comment": b"[s]\nrem = 1\nREM a\n",
    "comment after blanks of Unicode": "[s]\n\u3000# a\n\x85;b\n".encode(),
    # Sections.
    "text after a section": b"[s] a=1\n[t]x\nb=2\n",
    "blanks in a section": b"[ s ]\na=1\n[s]\na=2\n[\t]\n[ ]\n",
    "last bracket ends a section": b"[a]b]\nx=1\n[[c]]\nx=2\n[]]\nx=3\n[d] = [e]\nx=4\n",
    "no name": b"[s]\n[]\n",
    "no name, but a value": b"[s]\n[] = 1\n[ = 2\n[t = ]\n",
    "bracket not closed": b"[s]\n[t\na=1\n",
    "bracket not opened": b"[s]\nt]\n",
    "bracket not closed at first": b"[s\na=1\n",
    "indented section": b"  [s]\n  a=1\n[t]\n  a=1\n",
    "indented section continues a value": b"[s]\na=1\n [t]\n b=2\n",
    "indented option after a section": b"[s]\n   a=1\n  b=2\n c=3\n",
    "section twice": b"[s]\na=1\n[s]\nb=2\n",
    "section twice, other case": b"[s]\n[S]\n",
    "section three times": b"[s]\n[s]\n[s]\n",
    "DEFAULT twice": b"[DEFAULT]\na=1\n[s]\n[DEFAULT]\nb=2\n",
    "DEFAULT twice with one option": b"[DEFAULT]\na=1\n[DEFAULT]\na=2\n",
    "Default is no DEFAULT": b"[Default]\na=1\n[s]\n[default]\nb=1\n",
    "DEFAULT alone": b"[DEFAULT]\na=1\n",
    "DEFAULT's order": b"[s]\nc=1\na=1\n[DEFAULT]\nb=2\na=2\nd=2\nc=2\n",
    "no section at all": b"a=1\n",
    "no section before an option": b"\n\n# c\n  a=1\n[s]\n",
    "no section before nonsense": b"nonsense\n[s]\n",
    # Options.
    "delimiters": b"[s]\na=1\nb:2\nc = : 3\nd : = 4\ne=f=g:h\ni:j=k\n",
    "empty values": b"[s]\na=\nb:\nc =   \n",
    "keys keep their case": b"[s]\nA=1\na=2\n",
    "keys with blanks": b"[s]\na  b = 1\na b = 2\n",
    "keys with marks": b"[s]\na;b#c=1\n\"d\"='e'\n-x=1\n[]=2\n",
    "keys of Unicode": "[ä]\nß=1\nSS=2\nｋ：3=4\n".encode(),
    "no delimiter": b"[s]\na\nb=1\nc\n",
    "no delimiter, then a continuation": b"[s]\na=1\nb\n c\nd\n",
    "no delimiter, deeper": b"[s]\na=1\nb\n c=2\n  d\ne\n",
    "no key": b"[s]\n=1\n",
    "no key, then a continuation": b"[s]\n=1\n 2\n  3\na=\n",
    "no key, then no continuation of the key before": b"[s]\na=1\n=2\n x\n",
    "no key twice": b"[s]\n=1\n:2\nx\n",
    "no key twice, then a repetition": b"[s]\n=1\n:2\na=\na=\n",
    "option twice": b"[s]\na=1\na=2\n",
    "option twice, other delimiter": b"[s]\na =1\n  \na: 2\n",
    "option twice, after mistakes": b"[s]\nx\n=\na=1\na=2\ny\n",
    "option twice, continued": b"[s]\na=1\na=2\n x\n b=3\ny\n",
    "option of a section and DEFAULT": b"[DEFAULT]\na=1\n[s]\na=2\n[t]\n",
    "mistakes in DEFAULT": b"[DEFAULT]\na\n b\n[s]\nc\n",
    # Values of more than one line.
    "continuation": b"[s]\na=1\n  2\n 3\nb=4\n",
    "continuation of nothing": b"[s]\na=\n  1\n",
    "continuation with delimiters": b"[s]\na=1\n  b=2\n  c:3\n",
    "continuation of an indented option": b"[s]\n  a=1\n  b=2\n    3\n   4\n",
    "less indented, then deeper": b"[s]\n    a=1\n  b=2\n    c=3\n",
    "blank lines inside": b"[s]\na=1\n\n\n  2\n",
    "blank lines behind": b"[s]\na=1\n\n\nb=2\n\n",
    "blank lines before": b"[s]\na=\n\n 1\n",
    "blank lines after a section": b"[s]\n\n\n  a=1\n",
    # Interpolation.
    "interpolation": b"[DEFAULT]\nd=0\n[s]\na=<%(b)s%(d)s>\nb=%(c)s%(c)s\nc=x\n",
    "percent": b"[s]\na=%%\nb=100%%%%\nc=%%(a)s\nd=%(a)s%(c)s\n",
    "percent alone": b"[s]\na=%\nb=50%\nc=% d\nd=%s\ne=%%%\n",
    "references cut off": b"[s]\na=%(\nb=%(a\nc=%(a)\nd=%(a)d\ne=%()s\nf=%)s\n",
    "reference to nothing": b"[s]\na=%(x)s\nb=%(a)s\n",
    "reference to another section's": b"[s]\na=%(b)s\n[t]\nb=1\n",
    "reference in DEFAULT to a section's": b"[DEFAULT]\na=%(b)s\n[s]\nb=1\n[t]\nb=2\n[u]\n",
    "reference of other case": b"[s]\nA=1\nb=%(a)s\n",
    "reference with blanks": b"[s]\na=1\nb=%( a)s\nc=%(a )s\nd e=2\nf=%(d e)s\n",
    "reference with brackets": b"[s]\na(b=1\nc=%(a(b)s\nd)=2\ne=%(d))s\n",
    "reference over two lines": b"[s]\na=%(b\n c)s\nd=%(b\n\n",
    "reference to itself": b"[s]\na=%(a)s\nb=%(c)s\nc=%(b)s\nd=x%(a)s\n",
    "reference to itself in DEFAULT": b"[DEFAULT]\na=%(a)s\n[s]\na=1\n[t]\n",
    "depth": ("[s]\n" + "".join(f"{i}=%({i + 1})s\n" for i in range(13)) + "13=1\n").encode(),
    "depth with a percent": ("[s]\n" + "".join(f"{i}=%({i + 1})s\n" for i in range(13)) +
                             "13=%%\n").encode(),
    "depth before a mistake": ("[s]\n" + "".join(f"{i}=%({i + 1})s%x\n" for i in range(13)) +
                               "13=%%\n").encode(),
    "blanks that interpolation leaves": b"[s]\na=true %(b)s\nb=\nc=%(b)s yes\n",
    "extended interpolation is not known": b"[s]\na=${b}$$\nb=$(a)\n",
    # Booleans.
    "booleans": "[s]\n{}".format("".join(
        f"{i}={word}\n" for i, word in enumerate(
            "1 0 yes no true false on off YES nO tRuE FALSE oN OFF 2 01 y t n f +1 1.0 enable "
            "'1' tru\xe9 \u1d57rue \uff11 \u0661 o\uff4e \u017fo fal\u017fe".split()))).encode(),
    "boolean of an empty value": b"[s]\na=\n",
    "boolean of two lines": b"[s]\na=true\n  true\nb=\n on\n",
    "boolean by interpolation": b"[s]\na=%(b)s%(c)s\nb=tr\nc=UE\nd=%(x)s\n",
    # Encodings.
    "byte order mark": "\ufeff[s]\na=1\n".encode(),
    "byte order mark before a comment": "\ufeff# c\n[s]\na=1\n".encode(),
    "byte order mark inside": "[s]\n\ufeffa=1\n\ufeff[t]\n".encode(),
    "UTF-16": "[s]\na=1\n".encode("utf-16-le"),
    "UTF-16 with a mark": "[s]\na=1\n".encode("utf-16"),
    "Latin-1": "[s]\r\na=\xe9\n".encode("latin-1"),
    "cut off": "[s]\na=\u20ac".encode()[:-1],
    "cut off by a line end": b"[s]\ra=\xe2\x82\nb=1\n",
    "overlong": b"[s]\na=\xc0\xaf\n",
    "surrogates": b"[s]\na=\xed\xa0\x80\n",
    "beyond Unicode": b"[s]\na=\xf4\x90\x80\x80\n",
    "last code point": "[s]\na=\U0010ffff\n".encode(),
    "not UTF-8 after mistakes": b"a=1\n[s]\n[s]\n\xff\n",
}


@pytest.fixture(scope="module")
def readings_of_cases():
    return dict(zip(CASES, read_both(CASES.values())))


@pytest.mark.parametrize("name", CASES)
def test_case(name, readings_of_cases):
    theirs, mine = readings_of_cases[name]
    assert mine == theirs


# --- random texts

BLANKS = ["", " ", "  ", "\t", "    ", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u1680",
          "\u2000", "\u2028", "\u2029", "\u3000"]
NO_BLANKS = ["\0", "\x1a", "\x1b", "\u180e", "\u200b", "\u2060", "\ufeff", "\U0001f600"]
ENDS = ["\n"] * 12 + ["\r\n", "\r", "\n\r", "\n\n", "\r\r", "\n \n", ""]
KEYS = ["a", "b", "c", "d", "A", "a b", "a  b", "\xe4", "a;b", "#", "[a]", "-", "a(", "%", "%(a)s",
        ""]
SECTIONS = ["s", "t", "S", " s", "s ", "DEFAULT", "DEFAULT", "default", "s]", "[s", "\xe4", "]", ""]
HEADERS = ["[{}]", "[{}]", "[{}]", "[{}] ", "[{}]x", "[{}]=1", "[{}] # c", "[{}", "{}]", "[[{}]]"]
COMMENTS = ["#", ";", "# c", "; a=1", "#[s]"]
VALUES = ["", "", "x", "1", "true", "On", "oFF", "no", "y # c", "z ; c", "[s]", "=", ":", "a=1",
          "%(a)s", "%(b)s", "%(c)s", "%(d)s", "%(a)s%(b)s", "%(a b)s", "%(A)s", "%(x)s", "%%",
          "%%(a)s", "%", "%(", "%(a", "b)s", "%()s", "%(a)", "%(a)d", "%x", "'", "\"'", "\\", "$a"]


class TextMaker:
    """Texts of fragments that are hard to read. A calm one is mostly right."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.calm = self.random.random() < 0.6
        self.unused = {}

    def one(self, fragments):
        return self.random.choice(fragments)

    def maybe(self, fragments, probability):
        return self.one(fragments) if self.random.random() < probability else ""

    def name(self, scope, names):
        """One that was not used, where the text is calm."""
        if not self.calm:
            return self.one(names)
        unused = self.unused.setdefault(scope, self.random.sample(names, len(names)))
        return unused.pop() if unused else f"n{self.random.random()}"

    def blanks(self):
        return "".join(self.one(BLANKS) for _ in range(self.one([0, 1, 1, 1, 2])))

    def section(self):
        self.unused.pop("keys", None)
        header = "[{}]" if self.calm else self.one(HEADERS)
        return header.format(self.name("sections", SECTIONS[:10] if self.calm else SECTIONS))

    def option(self):
        key = self.name("keys", KEYS[:9] if self.calm else KEYS)
        delimiter = self.one("=:" if self.calm else ["=", ":", "=", ":", ""])
        return key + self.maybe(BLANKS, 0.3) + delimiter + self.maybe(BLANKS, 0.3) + self.value()

    def value(self):
        return "".join(self.one(VALUES) for _ in range(self.one([1, 1, 1, 2, 3])))

    def line(self):
        kind = self.random.random()
        if kind < 0.15:
            return self.maybe(BLANKS, 0 if self.calm else 0.1) + self.section()
        if kind < 0.6:
            return self.maybe(BLANKS, 0 if self.calm else 0.2) + self.option()
        if kind < 0.8:
            return self.one(BLANKS[1:]) + self.blanks() + self.value()
        if kind < 0.9:
            return self.blanks() + self.one(COMMENTS)
        return self.blanks()

    def text(self):
        lines = [self.maybe(COMMENTS, 0.2), "" if self.random.random() < 0.03 else self.section()]
        lines += [self.line() for _ in range(self.random.randrange(15))]
        text = "".join(line + self.one(ENDS[:12] if self.calm else ENDS) for line in lines)
        if self.random.random() < 0.2:
            at = self.random.randrange(len(text) + 1)
            text = text[:at] + self.one(NO_BLANKS + BLANKS) + text[at:]
        data = text.encode()
        if self.random.random() < 0.02:
            at = self.random.randrange(len(data) + 1)
            data = data[:at] + self.random.randbytes(1) + data[at + self.one([0, 1]):]
        return data


@pytest.fixture(scope="module")
def readings():
    """What is read in each of the random texts, for its seed."""
    texts = [TextMaker(seed).text() for seed in SEEDS]
    return list(zip(SEEDS, read_both(texts)))


def test_random_texts(readings):
    for seed, (theirs, mine) in readings:
        assert mine == theirs, f"{TextMaker(seed).text()}, seed {seed}"


def test_random_texts_are_of_every_kind(readings):
    whole = json.dumps([theirs for _, (theirs, _) in readings], default=str)
    kinds = [
        '"sections": ', "a line before the first", "an option without a name", "neither a section",
        "the section [", "the option '", "not UTF-8", " refers to no option", "are too deep",
        "a bad reference", "begins no reference", "neither true nor false", ", true]", ", false]"]
    counts = {kind: whole.count(kind) for kind in kinds}
    assert min(counts.values()) >= 20, counts
    assert counts['"sections": '] >= len(SEEDS) / 3, counts
