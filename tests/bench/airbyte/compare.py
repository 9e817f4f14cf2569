#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads tests/bench/airbyte/manifest.yaml against the local server of the REST tests with mapctl
and with the package airbyte-cdk of PyPI, and compares the records of every stream.

    compare.py BENCH_AIRBYTE_ROWS [MANIFEST.yaml]

Run it with the Python of an environment in which airbyte-cdk is installed; where it is not, the
check says so and ends with 0. It ends with 1 when records differ.
"""

import json
import logging
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SERVER = HERE.parent.parent / "support" / "rest_server.py"


def flat(record, prefix=""):
    """Dotted names and texts, as a table has them; what is null is left out."""
    made = {}
    for key, value in record.items():
        if isinstance(value, dict) and value:
            made.update(flat(value, prefix + key + "."))
        elif isinstance(value, str):
            made[prefix + key] = value
        elif value is not None:
            made[prefix + key] = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return made


def with_mapctl(program, manifest, config):
    environment = dict(os.environ)
    environment.update({f"CHECK_{name.upper()}": value for name, value in config.items()})
    done = subprocess.run([program, manifest], env=environment, stdout=subprocess.PIPE, check=True)
    streams = {}
    for line in done.stdout.decode().splitlines():
        one = json.loads(line)
        streams.setdefault(one["stream"], []).append(one["record"] or {})
    return streams


def with_airbyte(manifest, config):
    from airbyte_cdk.models import (AirbyteStream, ConfiguredAirbyteCatalog,
                                    ConfiguredAirbyteStream, DestinationSyncMode, SyncMode, Type)
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
        ConcurrentDeclarativeSource)
    import yaml

    with open(manifest, encoding="utf-8") as file:
        description = yaml.safe_load(file)
    log = logging.getLogger("airbyte")
    log.setLevel(logging.ERROR)
    source = ConcurrentDeclarativeSource(None, config, [], source_config=description)
    names = [stream.name for stream in source.streams(config)]
    catalog = ConfiguredAirbyteCatalog(streams=[
        ConfiguredAirbyteStream(
            stream=AirbyteStream(name=name, json_schema={},
                                 supported_sync_modes=[SyncMode.full_refresh]),
            sync_mode=SyncMode.full_refresh,
            destination_sync_mode=DestinationSyncMode.overwrite) for name in names])
    source = ConcurrentDeclarativeSource(catalog, config, [], source_config=description)
    streams = {name: [] for name in names}
    for message in source.read(log, config, catalog, []):
        if message.type == Type.RECORD:
            streams[message.record.stream].append(flat(message.record.data))
    return streams


def lines(records):
    return sorted(json.dumps(record, sort_keys=True, ensure_ascii=False) for record in records)


def compare(ours, theirs):
    differing = 0
    for name in sorted(set(ours) | set(theirs)):
        one, other = lines(ours.get(name, [])), lines(theirs.get(name, []))
        if one == other and one:
            print(f"{name}: {len(one)} records, the same")
            continue
        differing += 1
        print(f"{name}: mapctl has {len(one)} records, airbyte-cdk {len(other)}")
        for text, records, others in (("only mapctl", one, other), ("only airbyte-cdk", other, one)):
            for record in [record for record in records if record not in others][:3]:
                print(f"  {text}: {record}")
    return differing


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        import airbyte_cdk  # noqa: F401
    except ImportError:
        print("skipped: airbyte-cdk is not installed here: pip install airbyte-cdk into an "
              "environment of its own and run this with its Python")
        return
    manifest = sys.argv[2] if len(sys.argv) == 3 else str(HERE / "manifest.yaml")
    server = subprocess.Popen([sys.executable, "-B", str(SERVER)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        host = f"http://127.0.0.1:{int(server.stdout.readline())}"
        theirs = with_airbyte(manifest, {"host": host, "reader": "airbyte"})
        ours = with_mapctl(sys.argv[1], manifest, {"host": host, "reader": "mapctl"})
    finally:
        server.stdin.close()
        server.wait()
    differing = compare(ours, theirs)
    print(f"{len(set(ours) | set(theirs))} streams, {differing} differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
