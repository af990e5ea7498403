#!/usr/bin/env python3
"""Writes down a database and what is kept beside it, as tests of upgrades read them.

keep.py NAME FACTS DATA [DATABASE]: NAME.sql.gz and NAME.json.gz, here, from what `fill.py` printed,
the data dir of a server that is stopped, and the URL of its database on PostgreSQL.
"""

import base64
import gzip
import json
import pathlib
import sqlite3
import subprocess
import sys

NAME, FACTS, DATA = sys.argv[1:4]
HERE = pathlib.Path(__file__).parent


def sqlite():
    database = sqlite3.connect(pathlib.Path(DATA) / "worksmith.db")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    return "\n".join([f"PRAGMA user_version = {version};", *database.iterdump(), ""])


def postgres(url):
    dump = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", url]
    text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    # What is meant for psql alone.
    return "".join(line for line in text.splitlines(True) if not line.startswith("\\"))


def files():
    """What the data dir holds of artifacts, by path."""
    folder = pathlib.Path(DATA)
    found = sorted(path for path in (folder / "artifacts").rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): base64.b64encode(path.read_bytes()).decode()
        for path in found
    }


def write(name, text):
    # Without the time of the writing, so that the same content is the same file.
    (HERE / name).write_bytes(gzip.compress(text.encode(), mtime=0))


write(f"{NAME}.sql.gz", postgres(sys.argv[4]) if len(sys.argv) > 4 else sqlite())
facts = json.loads(pathlib.Path(FACTS).read_text()) | {"files": files()}
write(f"{NAME}.json.gz", json.dumps(facts, ensure_ascii=False, sort_keys=True))
