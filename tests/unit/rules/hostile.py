# ruff: noqa: E501  (an attack is one line)
"""Expressions written to break out or to exhaust the machine. Each must end soon, in an error or a small value."""

from __future__ import annotations

_ESCAPES = [
    "__import__", '__import__("os")', '__import__("os").system("id")', "().__class__", "x.__class__.__mro__", "x.__dict__",
    "[].__class__.__base__.__subclasses__()", '"".__class__', '"a".format', '"{0.__class__}".format(x)', '"%0100000000d" % 1',
    "x.__init__.__globals__", "globals()", "locals()", "eval(\"1\")", "exec(\"1\")", "open(\"/etc/passwd\").read()", "lambda: 1",
    "{}.constructor", '{}.constructor.constructor("return 1")()', "globalThis", "this.constructor", "function() 1", "import os",
    "x if x else x", "[i for i in x]", "a := 1", "`id`", "$(id)", "${7*7}", "{{7*7}}", "{% debug %}", "<script>", "; DROP TABLE", "\x00",
    "f\"{x}\"", "x.__getattribute__(\"a\")", "x[\"__class__\"]", "get value(x, \"__class__\")", "string.__doc__", "?.__class__",
    'function(x) external {java: {class: "java.lang.System"}}', "\\u0041", '"\\ud800"', '"\\UFFFFFF"', "not.__call__", "now.__self__",
]
_NUMBERS = [
    "9**9**9", "9**9**9**9**9", "2**99999999", "2**-99999999", "1e308 * 1e308", "1e999", "-1e308 - 1e308", "(1e300)**1000",
    "10**(10**10)", "0**0", "0**-1", "(-8)**(1/3)", "exp(1e10)", "exp(exp(100))", "log(1e-308)", "sqrt(1e308)", "decimal(1, 1e30)",
    "decimal(1e308, 300)", "round up(1, 99999999)", "floor(1e308, -400)", "modulo(1e308, 1e-308)", "9" * 3990, "0." + "9" * 3900,
    "1" + "0" * 3000 + " * " + "1" + "0" * 900, 'number("9' + "9" * 3000 + '")', 'number("1e999999999")', "substring(\"abc\", 1, 1e300)",
    "substring(\"abc\", -1e300)", "sublist([1], 1, 1e300)", "[1,2][1e300]", "date(1e300, 1, 1)", "time(1e9, 0, 0)",
    'date("2026-01-01") + duration("P999999999D")', 'duration("P999999999Y") * 1e300', 'duration("P1D") / 1e-300',
    'duration("P99999999999999999999D")', "1/3 * 3 ** 900", 'date("2026-01-01") + duration("P1Y") * 1e12',
]
_LOOPS = [
    "count(for i in 1..100000000 return i)", "for i in 1..1e300 return i", "for i in -1e300..1e300 return i",
    "count(for i in 1..3000, j in 1..3000 return i*j)", "for a in 1..99, b in 1..99, c in 1..99, d in 1..99 return 1",
    "some i in 1..20000, j in 1..20000 satisfies i + j < 0", "every i in 1..20000 satisfies every j in 1..20000 satisfies i + j > 0",
    "count(for i in 1..1000 return for j in 1..1000 return j)", 'for d in date("0001-01-01")..date("9999-12-31") return d',
    "for i in [1..1000000000] return i", "count(sort(for i in 1..20000 return modulo(i*7919, 20011), function(a,b) a < b))",
    "count(distinct values(for i in 1..20000 return i))", "count(sort(for i in 1..20000 return -i))",
    "sum(for i in 1..20000 return sum(for j in 1..20000 return j))", "count(union(for i in 1..9999 return i, for i in 1..9999 return -i))",
    "{f: function(x) f(x+1), y: f(1)}.y", "{f: function(x) f(x) + f(x), y: f(1)}.y",
    "{f: function(n) if n = 0 then 1 else f(n-1) + f(n-1), y: f(45)}.y", "{f: function(g) g(g), y: f(f)}.y",
    "(function(x) x(x))(function(x) x(x))", "for i in 1..20000 return matches(string(i), \"^[0-9]+$\")",
    "[1,2,3][item in (for i in 1..20000 return for j in 1..20000 return j)]", "count(flatten(for i in 1..20000 return for j in 1..9 return j))",
    "index of(for i in 1..20000 return [i], [0])", "for i in 1..20000 return partial", "for i in 1..20000 return count(partial)",
    "median(for i in 1..100000 return i)", "for x in (for i in 1..19999 return i) return (for i in 1..19999 return i)[x]",
]
_GROWTH = [
    'for i in 1..60 return if i = 1 then "x" else partial[-1] + partial[-1]', 'for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]',
    'string(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])',
    'for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])',
    '(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]) = (for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])',
    'count(flatten(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]))',
    'distinct values(for i in 1..60 return if i = 1 then {a: 1} else {a: partial[-1], b: partial[-1]})',
    'string length(string join(for i in 1..50000 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))',
    'string join(for i in 1..20000 return "xxxxxxxxxxxxxxxxxxxxxxxxxx", "yyyyyyyyyyyyyyyyyyyyyyyyyyy")', "for i in 1..20000 return big + string(i)",
    'replace(big, ".", big)', 'replace(big, "", big)', 'replace(big, "(.)", "$1$1$1$1$1$1$1$1$1$1")', "for i in 1..20000 return upper case(big)",
    "for i in 1..20000 return substring(big, 2)", 'split(big, "")', "string([big, big, big, big])", "for i in 1..20000 return split(big, \"a\")",
    'for i in 1..20000 return {a: i, b: [i, i, i], c: {d: i}}', "for i in 1..9999 return context put({}, string(i), partial)",
    "for i in 1..20000 return reverse(wide)", "for i in 1..20000 return append(wide, i)", "wide = wide and wide = wide", "for i in 1..20000 return wide.a",
    "for i in 1..20000 return wide[item > 0]", "for i in 1..20000 return string(wide)", "for i in 1..20000 return sum(wide)",
    "for i in 1..2000 return contains(big + big, \"aaaaaaaaaaaaaaaaaaaaaab\")", "context merge(for i in 1..20000 return {a: big})",
    "[" + ",".join(["big"] * 400) + "]", "string([" + ",".join(["big"] * 400) + "])",
]
_NESTING = [
    "(" * 3000 + "1" + ")" * 3000, "[" * 3000 + "]" * 3000, "{a:" * 1000 + "1" + "}" * 1000, "-" * 1900 + "1", "not(" * 900 + "true" + ")" * 900,
    "if true then " * 300 + "1" + " else 2" * 300, "if true then 1 else " * 180 + "2", "1" + "+1" * 1999, "a" + ".a" * 1900, "a" + "[1]" * 1200,
    "f" + "()" * 1900, "1" + "=1" * 1900, "2" + "**2" * 1300, "true" + " and true" * 440, "x" + " or x" * 700, "function(x) " * 300 + "x",
    "for i in " * 300 + "1", "(1 or 2 and 3 = 4 + 5 * 6 ** -" * 80 + "1" + ")" * 80, "[1.." * 900, "{" * 3999, "((((" * 900, "\"" * 3999, "a " * 1999,
    "1 in (" * 600 + "1" + ")" * 600, "<" * 3999, "/*" + "*" * 3990, "//" * 1999, "some x in x satisfies " * 150 + "x", "x instance of list" + "<list" * 500,
    "1 between 1 and " * 200 + "1", "a(b(" * 900, "@\"" + "P" * 3900 + "\"", "\"" + "\\" * 3990, "1" * 5000, "x" * 4001, "]" * 3999, "{a: " + "{a: 1}, b: " * 300 + "1}",
]
_PATTERNS = [
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")', 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|a)*$")',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|aa)+$")', 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a*)*b")',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(([a-z])+.)+[A-Z]([a-z])+$")', 'matches("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "(x+x+)+y")',
    'matches(big, "(.*)(.*)(.*)(.*)(.*)b$")', 'matches(big, ".*.*.*.*.*.*.*.*b")', 'matches(big, "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaab")',
    'matches(big, "(a{1,99}){1,99}b")', 'matches(big, "((a{0,9}){0,9}){0,9}b")', 'matches(big, "(a{1000}){1000}")', 'matches(big, "(?=(a+))a*b")',
    'matches(big, "(a+)\\1+b")', 'matches(big, "(?i)a")', 'matches(big, "[a-z]+$")', 'matches(big, "a{99999999}")', 'matches(big, "' + "(" * 200 + '")',
    'matches(big, "(' + "a|" * 95 + 'b)+c")', 'matches(big, "(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)(a|b|ab)c")',
    'for i in 1..5000 return matches(big, "a+b")', 'for i in 1..20000 return matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a*a*a*b")', 'replace(big, "a*", "bb")',
    'split(big, "(a|b)*?")', 'matches(big, "(aaa){1000}b")', 'matches(big, "(\\d+,)*\\d+$")', 'matches(big, "\\w*\\w*\\w*$")', 'matches(big, "[")', 'matches(big, "a{2,1}")',
    'matches(big, "^(\\w+\\s?)*$")', 'matches(big, "(.|\\n)*x")', 'matches(big, "a*?a*?a*?a*?b")', 'replace(big, "(a)(a)(a)", "$3$2$1$9$0")',
]
ATTACKS = [*_ESCAPES, *_NUMBERS, *_LOOPS, *_GROWTH, *_NESTING, *_PATTERNS]
CONTEXT = {"x": {"a": 1}, "big": "a" * 60_000, "wide": [{"a": number} for number in range(3000)]}
