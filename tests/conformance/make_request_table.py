"""Turns http1_requests.json into a C++ header: make_request_table.py IN.json OUT.h"""
import json
import sys

HEADER = """// Made from http1_requests.json by make_request_table.py.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace osmia::conformance {

/// One row; http1_requests.md describes the columns.
struct RequestCase {
    std::string_view name, rfc, request;
    unsigned status;
    std::string_view reason, found;
    std::optional<std::string_view> method, path, query, host, body;
    std::optional<bool> keep, expect, upgrade;
    std::size_t left;
};

inline const std::vector<RequestCase>& request_cases() {
    static const std::vector<RequestCase> table = {
"""
FOOTER = """    };
    return table;
}

}  // namespace osmia::conformance
"""


def expand(request):
    if isinstance(request, str):
        return request
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in request)


def literal(text):
    """A string_view literal; octal escapes have a fixed width, so nothing after them can change their meaning."""
    data = text.encode("latin-1")
    safe = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in data)
    lines, at = [], 0
    while at < len(safe):
        end = min(at + 100, len(safe))
        while "\\" in safe[end - 3:end] and end < len(safe):  # never cut an escape
            end += 1
        lines.append(f'"{safe[at:end]}"')
        at = end
    return f"std::string_view({' '.join(lines) or chr(34) * 2}, {len(data)})"


def flag(want, key):
    return {None: "std::nullopt", True: "true", False: "false"}[want.get(key)]


def text(want, key):
    return literal(want[key]) if key in want else "std::nullopt"


def row(case):
    want = case.get("want", {})
    fields = [
        literal(case["name"]), literal(case["rfc"]), literal(expand(case["request"])), str(case["status"]),
        literal(case.get("reason", "-")), literal(case.get("found", "")),
        *(text(want, key) for key in ("method", "path", "query", "host", "body")),
        *(flag(want, key) for key in ("keep", "expect", "upgrade")), str(want.get("left", 0)),
    ]
    return "RequestCase{" + ",\n    ".join(fields) + "},\n"


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="ascii") as file:
        cases = json.load(file)
    with open(target, "w", encoding="ascii") as file:
        file.write(HEADER)
        file.writelines(row(case) for case in cases)
        file.write(FOOTER)


if __name__ == "__main__":
    main()
