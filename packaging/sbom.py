#!/usr/bin/env python3
"""What is inside a build of longtake, as CycloneDX 1.5 (JSON): the Debian packages of every library it loads, with their versions
and the licences that their copyright files name, the header-only libraries, and what its page of reports contains.

usage: sbom.py PROGRAM VERSION > longtake.cdx.json
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEADER_ONLY = ["nlohmann-json3-dev", "libvalijson-dev", "libcli11-dev", "libsqlitecpp-dev"]


def told(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def libraries(program):
    """Paths of all shared libraries that the loader maps; `ldd` names them as they are looked up."""
    lines = told("ldd", program).splitlines()
    return sorted({str(pathlib.Path(found[1]).resolve()) for line in lines if (found := re.search(r"=> (/\S+)", line))})


def package_of(library):
    for name in (library, "/usr" + library, library.removeprefix("/usr")):
        asked = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.split(": ")[0].split(",")[0].split(":")[0]
    return None


def licences(package):
    """The short names in a machine-readable copyright file; empty where it is prose."""
    file = pathlib.Path(f"/usr/share/doc/{package}/copyright")
    text = file.read_text(errors="replace") if file.exists() else ""
    if "copyright-format" not in text.split("\n\n")[0]:
        return []
    return sorted(set(re.findall(r"^License:[ \t]*(\S[^\n]*)", text, re.M)))


def component(package):
    version, source, architecture = told("dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${Architecture}",
                                         package).split("\t")
    entry = {"type": "library", "name": package, "version": version,
             "purl": f"pkg:deb/debian/{package}@{version.replace('+', '%2B')}?arch={architecture}",
             "properties": [{"name": "debian:source", "value": source}]}
    if names := licences(package):
        entry["licenses"] = [{"license": {"name": name}} for name in names]
    return entry


def page_components():
    lock = json.loads((ROOT / "pipeline/app/report/web/package-lock.json").read_text())["packages"]
    return [{"type": "library", "name": name.removeprefix("node_modules/"), "version": found["version"],
             "purl": f"pkg:npm/{name.removeprefix('node_modules/')}@{found['version']}",
             "licenses": [{"license": {"id": found["license"]}}]}
            for name, found in sorted(lock.items()) if name and not found.get("dev")]


def main(program, version):
    packages = sorted({package for library in libraries(program) if (package := package_of(library))} | set(HEADER_ONLY))
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
               "metadata": {"component": {"type": "application", "name": "longtake", "version": version,
                                          "licenses": [{"license": {"id": "Apache-2.0"}}]}},
               "components": [component(package) for package in packages] + page_components()}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
