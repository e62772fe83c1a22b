"""The WSGI entry point: ``granian --interface wsgi wsgi:app``."""

from community import create_app

app = create_app()
