# Everything runs in .venv, which tools/install.py makes with this Python (it takes no part afterwards).
PYTHON ?= python3
# Always `python -m tool`: the scripts in .venv/bin hold the folder's name and break when it is moved.
RUN := .venv/bin/python -m
# Packages are compiled when first imported, not when installed: let that happen once, not in every process.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help book test mutants lab figures install lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

book: install ## build the book as a web site and say how to open it
	@.venv/bin/python tools/build.py

test: install ## run all the tests
	@$(RUN) pytest

mutants: install _build/mutants/packages ## break optimlib in a thousand ways and see that a test fails each time
	@$(RUN) tests.mutants

# Apart from .venv: no reader needs it.
_build/mutants/packages: tests/mutants/requirements.txt | install
	rm -rf $@
	$(RUN) pip install --quiet --no-deps --require-hashes --target $@ -r $<

lab: install ## open the chapters in JupyterLab
	@$(RUN) jupyterlab chapters

figures: install ## draw the figures again
	@$(RUN) optimlib.figures

install: ## make .venv (the targets above do, when it is missing or out of date)
	@"$(PYTHON)" -c "" 2>/dev/null || { echo 'There is no working "$(PYTHON)" here: install Python 3.11 or newer, or name one, as in: make book PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" tools/install.py

lock: ## write requirements.txt again from pyproject.toml, and that of tests/mutants
	"$(PYTHON)" -m venv _build/lock && _build/lock/bin/python -m pip install --quiet uv
	echo 'contourpy<1.4' > _build/lock/constraints.txt  # 1.4 asks for Python 3.12
	_build/lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-annotate --custom-compile-command "make lock" --constraint _build/lock/constraints.txt pyproject.toml -o requirements.txt
	printf 'mutmut\nlibcst\n' | _build/lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --no-deps --generate-hashes --no-annotate --custom-compile-command "make lock" - -o tests/mutants/requirements.txt

clean: ## remove what make made: _build, .venv and caches
	@# .venv moves first, in one step, so that an interrupted clean leaves no half of it; one not made by make stays.
	@if [ -e .venv/installed-by-make ]; then mkdir -p _build && mv .venv "_build/venv-$$$$"; fi
	rm -rf _build .hypothesis .pytest_cache __pycache__ */__pycache__ */*/__pycache__
