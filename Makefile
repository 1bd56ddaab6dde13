# Two commands do everything: `make run` and `make test`. Both install what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN_STAMP := $(VENV)/.run-$(shell cksum < requirements.lock | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.dev-$(shell cat requirements.lock requirements-dev.lock | cksum | cut -d' ' -f1)

.PHONY: run test test-camera test-arm64 test-install check bench clean lock help

help:
	@echo "make run [CLIP=file.mp4] [ARGS=...]  run the main job on the bundled recording or CLIP"
	@echo "make test                            run the tests"
	@echo "make test-camera                     the camera on the real picamera2 (Linux, root, network)"
	@echo "make test-arm64                      the core's tests on an emulated 64-bit ARM (an hour; root)"
	@echo "make test-install                    the installer in bare Debian roots (root, network)"
	@echo "make check                           tests, types, style, architecture, coverage"
	@echo "make bench                           medians per stage, ratios to peers"

test-install:
	@tests/deploy/install_in_roots.sh

run: $(RUN_STAMP)
	@$(BIN)/shinline run $(if $(CLIP),"$(CLIP)") $(ARGS)

# Whole files to each process, because the files share their slow set-ups; one process more than a
# small machine has cores, because many tests wait for brokers and pages.
test: $(DEV_STAMP)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not deep" $(ARGS)

# In a Debian root of its own, which is made once and kept; tests/camera/root.sh says what is real.
CAMERA := tests/camera/root.sh
test-camera:
	@reason=$$($(CAMERA) why-not); [ -z "$$reason" ] || { echo "not run: $$reason"; exit 1; }
	$(CAMERA) build
	$(CAMERA) run python -m pytest -p no:cacheprovider tests/camera tests/pi/test_picamera2_contract.py $(ARGS)

test-arm64: $(DEV_STAMP)
	tests/arm64/suite.sh $(BIN)/python $(ARGS)

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run --append -m pytest -q tests/unit tests/properties
	$(BIN)/coverage report --skip-covered --sort=cover

bench: $(DEV_STAMP)
	@$(BIN)/shinline bench $(ARGS)

# The product itself is installed in place, so that editing a file needs no new installation.
$(RUN_STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(MAKE) --no-print-directory $(BIN)/python
	@echo "installing the packages of requirements.lock (once; about a minute) ..."
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements.lock requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(MAKE) --no-print-directory $(BIN)/python
	@echo "installing the packages of requirements-dev.lock (once; about two minutes) ..."
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with make PYTHON=python3.11 ..."; exit 1; }
	@echo "making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# Needs uv; the lock files carry hashes and no addresses.
lock:
	uv pip compile pyproject.toml --extra build --universal --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 --no-annotate --no-header -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra dev -c requirements.lock --universal --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --python-version 3.11 --no-annotate --no-header \
	  -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov
