"""The WSGI entry point: ``granian --interface wsgi wsgi:app``."""

import gc

from community import create_app

app = create_app()
# What was built so far lives as long as the process: the collector need not walk it again during requests.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
