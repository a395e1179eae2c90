#!/usr/bin/env bash
# Every `path` that the documents name exists, and every `function` that stands after a path on its line is in that file
# or in its header. Usage: docs_are_true.sh [ROOT]; prints what is not so and fails if there is something.
set -uo pipefail
cd "${1:-.}" || exit 2

python3 - ARCHITECTURE.md CONTRIBUTING.md GLOSSARY.md docs/formats.md <<'PY'
import pathlib
import re
import sys

PATH = re.compile(r"(pipeline|stages|tests|presets|samples|examples|docs|cmake|findings|\.ci)/[\w./-]*")
NAME = re.compile(r"[A-Za-z_][\w:]*(\(\))?")

wrong = 0
for document in sys.argv[1:]:
    for number, line in enumerate(pathlib.Path(document).read_text().splitlines(), 1):
        file = None
        for quoted in re.findall(r"`([^`]+)`", line):
            if PATH.fullmatch(quoted) and not re.search(r"/x\.|\bNAME\b", quoted):
                file = pathlib.Path(quoted)
                if not file.exists():
                    print(f"{document}:{number}: there is no {quoted}")
                    wrong += 1
            elif file is not None and file.is_file() and NAME.fullmatch(quoted):
                name = quoted.removesuffix("()")
                texts = [f.read_text() for f in (file, file.with_suffix(".h")) if f.is_file()]
                if not any(name in text for text in texts):
                    print(f"{document}:{number}: {file} has no {name}")
                    wrong += 1
if not wrong:
    print("documents: what they name exists")
sys.exit(wrong > 0)
PY
