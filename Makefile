# People and CI run the same commands. Each target installs what it needs and says so.

PYTHON := .venv/bin/python
PIP := .venv/bin/pip --disable-pip-version-check -q
PRETTIER := ../node/node_modules/.bin/prettier --config ../node/.prettierrc.json
EXAMPLES_JS := '**/*.mjs' package.json '!node_modules'
NODE_STAMP := node/node_modules/.package-lock.json
# Quiet, and without a compiler that stays in the background.
MAVEN := -q -B -Dkotlin.compiler.daemon=false
KTFMT_VERSION := 0.58
KTFMT_JAR := $(HOME)/.m2/repository/com/facebook/ktfmt/$(KTFMT_VERSION)/ktfmt-$(KTFMT_VERSION)-with-dependencies.jar
KTFMT := java -jar $(KTFMT_JAR) --kotlinlang-style
KOTLIN := kotlin/src examples/receive-ktor/src examples/receive-spring/src
SWIFT := scripts/swift swift
SWIFT_SOURCES := --configuration swift/.swift-format -r swift/Sources swift/Tests swift/Package.swift \
	examples/send-swift/Sources examples/send-swift/Package.swift
# A server for what comes after it: the one that is there already, or one of its own.
POSTGRES := scripts/postgres run
REDIS := scripts/redis run

.PHONY: help demo test everything bench setup python node kotlin swift lint format generated typed-events \
	test-rust test-python test-node test-kotlin test-swift test-pairs test-readme test-examples test-vectors

help:
	@echo "make demo    four vendors' events signed, delivered, refused, retried and verified"
	@echo "make test    everything, in every language (also: lint, test-rust, test-python, test-node, …)"
	@echo "make bench   what it costs, beside what people write by hand"
	@echo "make format  formats all sources"

demo: python node examples/node_modules/.package-lock.json
	cargo build --release -p receive-axum
	$(PYTHON) examples/demo/demo.py

# All on one PostgreSQL and one Redis: those of HOOKSEAL_TEST_POSTGRES and HOOKSEAL_TEST_REDIS, or ones that are made
# for it and removed.
test:
	$(POSTGRES) $(REDIS) $(MAKE) --no-print-directory everything

everything: lint test-vectors test-rust test-python test-node test-kotlin test-swift test-pairs test-readme test-examples
	@echo "make test: everything passed."

bench: python-dev node
	$(POSTGRES) $(REDIS) cargo bench -p hookseal --all-features
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

# Without a lock file: npm refuses one that was made on another platform.
tests/testing/node_modules/.package-lock.json: tests/testing/package.json | node
	cd tests/testing && npm install --no-package-lock --ignore-scripts --no-audit --no-fund

# The library for the JVM, and Kotlin's sources with those of their tests, compiled.
kotlin: | setup
	scripts/kotlin
	mvn -f kotlin $(MAVEN) test-compile

# The library for Swift, and the Swift package with its tests. (Swift itself is unpacked once if there is none.)
swift: | setup
	scripts/swift-bindings
	$(SWIFT) build --quiet --build-tests --package-path swift

# Formats Kotlin.
$(KTFMT_JAR): | setup
	mvn $(MAVEN) dependency:get -Dtransitive=false -Dartifact=com.facebook:ktfmt:$(KTFMT_VERSION):jar:with-dependencies

# Tests

lint: python-dev node generated $(KTFMT_JAR)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	cargo check -q -p hookseal --no-default-features
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	cd python && ../$(PYTHON) -m mypy
	$(PYTHON) -m mypy --strict tests/pairs/test_pairs.py tests/pairs/peer.py tests/readme/test_readme.py tests/readme/test_receive.py tests/readme/test_inbox_docs.py tests/readme/test_typed_events.py tests/testing/test_page.py scripts/kotlin-readme.py scripts/swift-readme.py
	cd node && npm run --silent lint
	cd examples && ../$(PYTHON) -m mypy && ../$(PYTHON) -m mypy send-fastapi/app.py && \
		../$(PYTHON) -m mypy receive-inbox-fastapi/app.py
	cd examples && $(PRETTIER) --check $(EXAMPLES_JS)
	$(KTFMT) --dry-run --set-exit-if-changed $(KOTLIN)
	$(SWIFT) format lint --strict $(SWIFT_SOURCES)

# What is generated and committed is what the sources generate: Python's stub and Node's types. A test of the core
# does it for typed events (`make typed-events` writes them).
generated: python-dev node
	. .venv/bin/activate && cd python && maturin generate-stubs --profile dev --out ../target/stubs
	diff -u python/src/hookseal/_native.pyi target/stubs/hookseal/_native.pyi
	cd python && ../$(PYTHON) -m mypy.stubtest --mypy-config-file pyproject.toml hookseal
	git diff --exit-code node/native/binding.d.ts

typed-events: | setup
	HOOKSEAL_WRITE=1 cargo test -q -p hookseal --test typegen

test-vectors: python-dev
	$(PYTHON) tests/vectors/make.py --check

test-rust: | setup
	$(POSTGRES) $(REDIS) cargo test -q -p hookseal --all-features
	cargo test -q -p hookseal-node -p hookseal-uniffi

test-python: python-dev
	cd python && ../$(POSTGRES) ../$(REDIS) ../$(PYTHON) -m pytest -q

test-node: node
	cd node && ../$(POSTGRES) ../$(REDIS) npm test --silent

# Installed because the examples take it from there, as your project would.
test-kotlin: | setup
	scripts/kotlin
	mvn -f kotlin $(MAVEN) install
	mvn -f examples/receive-ktor $(MAVEN) test
	mvn -f examples/receive-spring $(MAVEN) test

test-swift: swift
	$(SWIFT) test --quiet --disable-xctest --package-path swift

test-pairs: python-dev node kotlin swift
	cargo build -q -p hookseal --all-features --example pairs_peer
	$(PYTHON) -m pytest -q tests/pairs

test-readme: python-dev node examples/node_modules/.package-lock.json tests/testing/node_modules/.package-lock.json
	$(PYTHON) -m pytest -q tests/readme tests/testing

test-examples: python-dev swift examples/node_modules/.package-lock.json
	cargo build -q --release -p receive-axum
	$(SWIFT) build --quiet --package-path examples/send-swift
	$(POSTGRES) $(PYTHON) -m pytest -q examples

format: python-dev node $(KTFMT_JAR)
	cargo fmt --all
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix -q .
	cd node && npm run --silent format
	cd examples && $(PRETTIER) --write $(EXAMPLES_JS)
	$(KTFMT) $(KOTLIN)
	$(SWIFT) format --in-place $(SWIFT_SOURCES)
