"""Write the first migration anew from the models (until the first release; afterwards migrations are added)."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    from flask_migrate import revision

    from community import create_app
    from community.config import load_settings

    versions = ROOT / "community" / "migrations" / "versions"
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"DEMO": "1"}, instance=Path(folder), database_url=f"sqlite:///{folder}/empty.sqlite3")
        app = create_app(settings)  # before the old file goes: an application that does not load loses nothing
        for old in versions.glob("0001_*.py"):
            old.unlink()
        with app.app_context():
            revision(message="first tables", autogenerate=True, rev_id="0001", head="base", splice=False)
    subprocess.run([str(ROOT / ".venv/bin/ruff"), "format", "-q", str(versions)], check=True)


if __name__ == "__main__":
    main()
