# People and CI run the same commands. Each target installs what it needs and says so.

PYTHON := .venv/bin/python
PIP := .venv/bin/pip --disable-pip-version-check -q
PRETTIER := ../node/node_modules/.bin/prettier --config ../node/.prettierrc.json
EXAMPLES_JS := '**/*.mjs' package.json '!node_modules'
NODE_STAMP := node/node_modules/.package-lock.json
# A server for what comes after it: the one that is there already, or one of its own.
POSTGRES := scripts/postgres run

.PHONY: help demo test everything bench setup python node lint format generated \
	test-rust test-python test-node test-pairs test-readme test-examples test-vectors

help:
	@echo "make demo    four vendors' events signed, delivered, refused, retried and verified"
	@echo "make test    everything, in every language (also: lint, test-rust, test-python, test-node, …)"
	@echo "make bench   what it costs, beside what people write by hand"
	@echo "make format  formats all sources"

demo: python node examples/node_modules/.package-lock.json
	cargo build --release -p receive-axum
	$(PYTHON) examples/demo/demo.py

# All on one PostgreSQL: that of HOOKSEAL_TEST_POSTGRES, or one that is made for it and removed.
test:
	$(POSTGRES) $(MAKE) --no-print-directory everything

everything: lint test-vectors test-rust test-python test-node test-pairs test-readme test-examples
	@echo "make test: everything passed."

bench: python-dev node
	$(POSTGRES) cargo bench -p hookseal --all-features
	$(PYTHON) python/bench/bench_verify.py
	cd node && npm run --silent bench

# What is needed

setup:
	@scripts/setup

.venv/bin/python: | setup
	python3 -m venv .venv

# The README's own command, so that it is tested too.
python: .venv/bin/python
	@echo "python: building and installing the package"
	$(PIP) install ./python -r examples/requirements.txt

python-dev: python
	$(PIP) install './python[dev]' -r tests/requirements.txt

node: $(NODE_STAMP)
	@echo "node: building the package"
	cd node && npm run --silent build

$(NODE_STAMP): node/package.json | setup
	cd node && npm install --ignore-scripts --no-audit --no-fund

examples/node_modules/.package-lock.json: examples/package-lock.json | node
	cd examples && npm ci --ignore-scripts --no-audit --no-fund

# Tests

lint: python-dev node generated
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	cargo check -q -p hookseal --no-default-features
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	cd python && ../$(PYTHON) -m mypy
	$(PYTHON) -m mypy --strict tests/pairs/test_pairs.py tests/pairs/peer.py tests/readme/test_readme.py tests/readme/test_receive.py tests/readme/test_inbox_docs.py
	cd node && npm run --silent lint
	cd examples && ../$(PYTHON) -m mypy && ../$(PYTHON) -m mypy send-fastapi/app.py && \
		../$(PYTHON) -m mypy receive-inbox-fastapi/app.py
	cd examples && $(PRETTIER) --check $(EXAMPLES_JS)

# What is generated and committed is what the sources generate: Python's stub and Node's types.
generated: python-dev node
	. .venv/bin/activate && cd python && maturin generate-stubs --profile dev --out ../target/stubs
	diff -u python/src/hookseal/_native.pyi target/stubs/hookseal/_native.pyi
	cd python && ../$(PYTHON) -m mypy.stubtest --mypy-config-file pyproject.toml hookseal
	git diff --exit-code node/native/binding.d.ts

test-vectors: python-dev
	$(PYTHON) tests/vectors/make.py --check

test-rust: | setup
	$(POSTGRES) cargo test -q -p hookseal --all-features
	cargo test -q -p hookseal-node

test-python: python-dev
	cd python && ../$(POSTGRES) ../$(PYTHON) -m pytest -q

test-node: node
	cd node && ../$(POSTGRES) npm test --silent

test-pairs: python-dev node
	cargo build -q -p hookseal --all-features --example pairs_peer
	$(PYTHON) -m pytest -q tests/pairs

test-readme: python-dev node examples/node_modules/.package-lock.json
	$(PYTHON) -m pytest -q tests/readme

test-examples: python-dev examples/node_modules/.package-lock.json
	cargo build -q --release -p receive-axum
	$(POSTGRES) $(PYTHON) -m pytest -q examples

format: python-dev node
	cargo fmt --all
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix -q .
	cd node && npm run --silent format
	cd examples && $(PRETTIER) --write $(EXAMPLES_JS)
