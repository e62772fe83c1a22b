"""Start a throw-away PostgreSQL (unix socket only), also when running as root. No systemd, no port."""

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager


def find_bindir(explicit=None):
    if explicit:
        return explicit
    if d := os.environ.get("PG_BINDIR"):
        return d
    c = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: float(p.split("/")[-2]))
    if c:
        return c[-1]
    p = shutil.which("initdb")
    return os.path.dirname(os.path.realpath(p)) if p else None


@contextmanager
def temp_postgres(bindir=None):
    b = find_bindir(bindir)
    base = tempfile.mkdtemp(prefix="pgt-")  # keep TMPDIR short: a socket path is limited to 107 bytes
    kw = {}
    if os.geteuid() == 0:  # postgres refuses to run as root
        for u in ("postgres", "nobody"):
            try:
                pw = pwd.getpwnam(u)
                break
            except KeyError:
                continue
        os.chown(base, pw.pw_uid, pw.pw_gid)
        kw = dict(user=pw.pw_uid, group=pw.pw_gid, extra_groups=[])
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": base}
    run = lambda *a: subprocess.run(a, check=True, env=env, cwd=base, stdout=subprocess.DEVNULL, **kw)
    data = f"{base}/d"
    run(
        f"{b}/initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
    )
    opts = f"-c listen_addresses='' -c unix_socket_directories={base} -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 -c jit=off"
    run(f"{b}/pg_ctl", "-D", data, "-w", "-l", f"{base}/log", "-o", opts, "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={base}"
    finally:
        run(f"{b}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    import sqlalchemy as sa

    t = time.time()
    with temp_postgres(sys.argv[1] if len(sys.argv) > 1 else None) as url:
        print("up in %.2fs" % (time.time() - t), url)
        e = sa.create_engine(url)
        with e.begin() as c:
            print(c.scalar(sa.text("select version()")))
            c.execute(sa.text("create extension unaccent; create extension pg_trgm"))
            c.execute(sa.text("create text search configuration fr (copy=french)"))
            c.execute(
                sa.text(
                    "alter text search configuration fr alter mapping for hword, hword_part, word with unaccent, french_stem"
                )
            )
            print(
                c.scalar(
                    sa.text(
                        "select to_tsvector('fr', 'Les marchés publics négociés, clauses d''insertion; l''acheteur')"
                    )
                )
            )
            print(
                c.scalar(
                    sa.text(
                        "select to_tsvector('fr','marchés négociés') @@ websearch_to_tsquery('fr','marche \"négocié\" -foo')"
                    )
                )
            )
            print(
                c.scalar(
                    sa.text("select ts_headline('fr','Les marchés négociés', websearch_to_tsquery('fr','marche'))")
                )
            )
        e.dispose()
    print("total %.2fs" % (time.time() - t))
