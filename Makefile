# run    start everything: blog, worker, clock, inbox        PORT, POSTBAG_VAR, POSTBAG_DEMO_PASSWORD: docs/running.md
# test   the tests on SQLite, and on PostgreSQL and Valkey   ARGS="-k name"
# faults mail against everything that fails, on both         ARGS="-k name"; four minutes
# check  style, types, settings, templates, known vulnerabilities
# assets style sheet, scripts and images                     requirements: pin again, after a change of pyproject.toml

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/.venv
export UV_PYTHON_DOWNLOADS := never

FRONTEND := $(shell find frontend -name node_modules -prune -o -type f -print)
STATIC := $(shell find */static -type f -not -path 'postbag/static/build/*' 2>/dev/null)
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group build

.PHONY: run test faults check bench-mail bench-comment bench-desk assets requirements
.DELETE_ON_ERROR:

run: .venv/.run staticfiles/.stamp
	@exec python manage.py run

test: .venv/.dev staticfiles/.stamp
	@python -m tests.stores -q -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

faults: .venv/.dev
	@python -m tests.stores -q -n 4 --dist worksteal tests/faults/test_matrix.py -m "matrix or not matrix" $(ARGS)

check: .venv/.dev assets
	ruff check .
	ruff format --check .
	mypy
	djlint --lint --quiet blog mail moderation sharing postbag
	python manage.py makemigrations --check --dry-run
	POSTBAG_HTTPS=1 EMAIL_HOST=relay.example.org POSTBAG_SECRET_KEY=$$(python -c 'import secrets; print(secrets.token_urlsafe(60))') \
		python manage.py check --deploy --fail-level WARNING
	.ci/hosts
	python .ci/audit.py

# Ratios of one run. More: python -m bench.wire (the sender without the ledger).
bench-mail: .venv/.dev
	@python -m bench.mail $(ARGS)

# The CPU of a comment, beside what others offer.
bench-comment: .venv/.dev staticfiles/.stamp
	@python -m bench.comments $(ARGS)

# The database time of the desk's pages with a million comments; how to read it: docs/desk.md.
bench-desk: .venv/.dev
	@python -m bench.desk $(ARGS)

assets: postbag/static/build/.stamp

requirements: .venv/bin/uv
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group test --group check -c requirements.txt -o requirements-dev.txt

# What has been installed shows in the age of a stamp. Where the developers' packages are, `run` leaves them.

.venv/.run: requirements.txt | .venv/bin/uv
	@uv pip sync --quiet --require-hashes $(if $(wildcard .venv/.dev),requirements-dev.txt,$<)
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/uv
	@echo "Installing the developers' packages"
	@uv pip sync --quiet --require-hashes requirements-dev.txt
	@touch $@ .venv/.run

.venv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Postbag needs Python 3.11 or newer, and there is no $(PYTHON). On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Postbag needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V). With another: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Postbag needs Python's venv module. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv"
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.txt > .venv/uv.txt
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt

frontend/node_modules/.stamp: frontend/package-lock.json | .venv/.run
	@cd frontend && npm ci --silent --no-audit --no-fund
	@touch $@

postbag/static/build/.stamp: frontend/node_modules/.stamp $(FRONTEND)
	@cd frontend && npm run --silent build
	@touch $@

staticfiles/.stamp: postbag/static/build/.stamp .venv/.run $(STATIC)
	@python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@
