# SPDX-License-Identifier: Apache-2.0
"""Checks who includes whom. Reads every #include under core/, connectors/ and cli/.

The tables below are the rules; a header of ours is named from the repository root, a header of
others belongs to the folders that may see that library.
"""

import argparse
import fnmatch
import os
import re
import sys

CORE_ALLOWS = {
    "base": set(),
    "catalog": {"base"},
    "mapping": {"base", "catalog"},
    "ports": {"base", "catalog"},
    "batch": {"base", "catalog"},
    "config": {"base", "catalog", "mapping"},
    "matching": {"base", "catalog", "mapping", "ports"},
    "eval": {"base", "catalog", "mapping", "matching"},
    "registry": {"base", "catalog", "mapping", "ports"},
    "review": {"base", "catalog", "mapping", "ports", "registry"},
    "etl": {"base", "catalog", "mapping", "ports"},
    "report": {"base", "catalog", "mapping", "matching", "ports"},
    "jobs": {
        "base", "catalog", "mapping", "ports", "batch", "config", "matching", "registry", "etl",
    },
}
# Folders within core/matching; what stands in none of them joins them all.
_SIDES = {"words", "values", "columns"}
_SCORES = _SIDES | {"signals", "scoring"}
MATCHING_ALLOWS = {
    "words": set(),
    "values": set(),
    "columns": {"words", "values"},
    "signals": _SIDES,
    "scoring": _SIDES | {"signals"},
    "rules": _SCORES,
    "memory": _SCORES,
    "questions": {"memory"},
}
CONNECTORS_ALLOW = {"base", "catalog", "ports"}

# Single headers beyond the folders above: (including files, included files).
EXTRA = [
    ("core/report/*", "core/batch/outcome*.hpp"),
    ("connectors/*", "core/config/yaml*.hpp"),
]

# Header of a library: the files that may include it. What is not listed here is either a header
# of the C++ or C library or of POSIX, or an error.
LIBRARIES = [
    ("fmt/*", ["core/*", "connectors/*", "cli/*"]),
    ("nlohmann/json_fwd.hpp", ["core/*", "connectors/*", "cli/*"]),
    (
        "nlohmann/json.hpp",
        [
            "core/*.cpp", "connectors/*.cpp", "cli/*.cpp",
            # The insides of templates and of the connector that works on JSON.
            "core/base/template_tree.hpp", "connectors/rest/json_value.hpp",
        ],
    ),
    ("utf8proc.h", ["core/base/*.cpp"]),
    ("xxhash.h", ["core/base/*.cpp"]),
    ("immintrin.h", ["core/base/*.cpp"]),
    ("sodium.h", ["core/base/*.cpp"]),
    ("sodium/*", ["core/base/*.cpp"]),
    ("uuid/uuid.h", ["core/base/*.cpp"]),
    ("yaml-cpp/*", ["core/config/*.cpp"]),
    ("yaml.h", ["core/config/*.cpp"]),
    ("CLI/*", ["cli/*"]),
    ("sqlite3.h", ["connectors/sqlite/*"]),
    ("duckdb.h", ["connectors/duckdb/*"]),
    ("xlsxwriter.h", ["connectors/xlsx/*"]),
    ("xlsxwriter/*", ["connectors/xlsx/*"]),
    ("minizip/*", ["connectors/xlsx/*"]),
    ("expat.h", ["connectors/xlsx/*", "connectors/rest/odata.cpp"]),
    ("zlib.h", ["connectors/duckdb/json_depth.cpp", "connectors/rest/unzip.cpp"]),
    ("libpq-fe.h", ["connectors/postgres/*"]),
    ("sql.h", ["connectors/odbc/*"]),
    ("sqlext.h", ["connectors/odbc/*"]),
    ("curl/*", ["connectors/http/*"]),
    ("openssl/*", ["connectors/http/*"]),
    ("mongoc/*", ["connectors/mongodb/*"]),
]

CPP_HEADERS = set(
    """
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfloat charconv chrono
    cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
    csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cwchar cwctype deque
    exception execution filesystem forward_list fstream functional future initializer_list iomanip
    ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex
    new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore
    set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string
    string_view system_error thread tuple type_traits typeindex typeinfo unordered_map
    unordered_set utility valarray variant vector version cxxabi.h
    """.split()
)
SYSTEM_HEADERS = set(
    """
    dirent.h dlfcn.h errno.h fcntl.h fnmatch.h iconv.h langinfo.h limits.h link.h netdb.h
    netinet/in.h netinet/tcp.h poll.h pthread.h pwd.h
    signal.h spawn.h stdio.h stdlib.h string.h sys/file.h sys/ioctl.h sys/mman.h sys/prctl.h
    sys/random.h sys/resource.h sys/socket.h sys/stat.h sys/statvfs.h sys/syscall.h sys/time.h sys/types.h
    sys/uio.h sys/un.h sys/utsname.h sys/wait.h termios.h time.h unistd.h
    """.split()
)

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def is_extra(path, header):
    return any(
        fnmatch.fnmatchcase(path, files) and fnmatch.fnmatchcase(header, headers)
        for files, headers in EXTRA
    )


def check_within_matching(parts, other):
    """Why a file of core/matching may not include another one, or None."""
    if len(parts) < 4 or parts[2] == other[2]:
        return None
    if parts[2] not in MATCHING_ALLOWS:
        return f"core/matching/{parts[2]} has no line in the table of tests/lint/includes.py"
    if len(other) == 4 and other[2] in MATCHING_ALLOWS[parts[2]]:
        return None
    return f"{'/'.join(parts[:3])} may not include {'/'.join(other[:3])}"


def check_own(root, path, header):
    """Why `path` may not include our `header`, or None."""
    if not os.path.isfile(os.path.join(root, header)):
        return "is not a file, named from the repository root"
    if not header.endswith(".hpp"):
        return "is not a header"
    parts, other = path.split("/"), header.split("/")
    if len(other) < 3 and other[0] != "cli":
        return "is outside the known folders"
    if other[:2] == parts[:2] and parts[0] != "cli":
        return check_within_matching(parts, other) if parts[1] == "matching" else None
    if is_extra(path, header):
        return None
    if parts[0] == "cli":
        if other[0] in ("cli", "core"):
            return None
        if other[0] == "connectors":
            return None if path == "cli/wiring.cpp" else "only cli/wiring.cpp names connectors"
    elif other[0] == "core":
        allowed = CONNECTORS_ALLOW
        if parts[0] == "core":
            if parts[1] not in CORE_ALLOWS:
                return f"core/{parts[1]} has no line in the table of tests/lint/includes.py"
            allowed = CORE_ALLOWS[parts[1]]
        if other[1] in allowed:
            return None
    return f"{'/'.join(parts[:2])} may not include {'/'.join(other[:2])}"


def check_foreign(path, header):
    if header in CPP_HEADERS or header in SYSTEM_HEADERS:
        return None
    for pattern, files in LIBRARIES:
        if fnmatch.fnmatchcase(header, pattern):
            if any(fnmatch.fnmatchcase(path, allowed) for allowed in files):
                return None
            return f"only for {', '.join(files)}"
    return "is a library without a line in the table of tests/lint/includes.py"


def find_sources(root):
    for top in ("core", "connectors", "cli"):
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(files):
                if name.endswith((".hpp", ".cpp", ".h", ".c")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def find_violations(root):
    for path in find_sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                own, foreign = match.groups()
                reason = check_own(root, path, own) if own else check_foreign(path, foreign)
                if reason:
                    yield f"{path}:{number}: '{own or foreign}': {reason}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    root = parser.parse_args().root
    count = sum(1 for _ in find_sources(root))
    if count == 0:
        sys.exit(f"no sources found in '{root}'")
    violations = list(find_violations(root))
    print("\n".join(violations))
    print(f"{count} files, {len(violations)} violations")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
