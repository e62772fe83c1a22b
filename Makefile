.DEFAULT_GOAL := help
PORT ?= 8000
BIN := .venv/bin
# what has its own database, or none: once is enough
ONCE := search_index core/test_text.py core/test_text_bounds.py core/test_text_safety.py core/test_fetch.py core/test_redaction.py \
	core/test_security_floor.py core/test_storage.py core/test_config.py core/test_diff.py core/test_siret.py core/test_fragments.py \
	abilities/reading abilities/attachments/test_killed_uploads.py content/documents/test_document_durability.py \
	content/baskets/test_export_prose.py test_durability.py test_serve.py test_architecture.py test_translations.py \
	test_security_map.py test_secrecy.py test_sealed_identity.py test_routes.py seeds
# three for two cores: the browser's tests wait more than they work
SPREAD := -n 3 --dist loadfile --no-loadscope-reorder
export PYTHONWARNINGS ?= ignore::SyntaxWarning

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'
run: ## set up, then serve the demo on http://127.0.0.1:$(PORT)
	@./scripts/bootstrap.sh run
	@DEMO=1 $(BIN)/python -m community.serve --port $(PORT)
test: ## set up, then run every test on SQLite, then those of the database on PostgreSQL
	@./scripts/bootstrap.sh test
	$(BIN)/python -m pytest $(SPREAD) --randomly-seed=20261122 $(ARGS)
	$(BIN)/python -m pytest $(SPREAD) --randomly-seed=20261122 --database=postgres -m "not e2e" $(ONCE:%=--ignore=tests/%) $(ARGS)
check: ## style, floors, types, templates, translations
	@./scripts/bootstrap.sh test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python scripts/check_translations.py
bench: ## figures and ratios, written to bench/results/
	@./scripts/bootstrap.sh test
	$(BIN)/python -m bench $(ARGS)
messages: ## extract the French texts and update the English catalogue
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -o community/translations/messages.pot --no-location --sort-output --project=Entrepairs .
	$(BIN)/pybabel -q update -N -i community/translations/messages.pot -d community/translations -l en --no-wrap --ignore-obsolete
lock: ## re-resolve requirements/*.txt
	@./scripts/bootstrap.sh run
	@command -v uv >/dev/null || $(BIN)/pip install -q --disable-pip-version-check uv
	PATH="$$PWD/$(BIN):$$PATH" uv pip compile -q pyproject.toml --all-extras --group test --group lint --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements/dev.txt
	PATH="$$PWD/$(BIN):$$PATH" uv pip compile -q pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -c requirements/dev.txt -o requirements/run.txt
.PHONY: help run test check bench messages lock
