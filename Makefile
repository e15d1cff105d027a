# Everything needs only Python 3.11 (or newer) and make; the targets set up what they use.
.DEFAULT_GOAL := help
.PHONY: help up test check assure bench clean

# Without compiled files every start would compile thousands of modules anew.
unexport PYTHONDONTWRITEBYTECODE

bin := .venv/bin
inputs := pyproject.toml scripts/environment.sh requirements/bootstrap.txt

help:
	@echo "make up      set everything up and run Yaomai with the demo company   安装并启动（含演示公司）"
	@echo "make test    set everything up and run all tests                      安装并运行全部测试"
	@echo "make check   lint, types, contracts, migrations, messages             静态检查"
	@echo "make assure  kills, phones, load, flipped bytes, restores, access, fuzzing, screens     可靠性与安全验证"
	@echo "make bench   the figures, in an hour; options=--quick: in five minutes 性能基准（一小时；options=--quick 约五分钟）"
	@echo "make clean   remove the virtual environment and caches (not data)     清理（不删数据）"

# The product needs fewer packages than its tests: the first start is quicker.
.venv/.product: requirements/base.txt $(inputs)
	@scripts/environment.sh requirements/base.txt
	@touch $@

.venv/.tests: requirements/dev.txt $(inputs)
	@scripts/environment.sh requirements/dev.txt
	@touch $@ .venv/.product

up: .venv/.product
	@exec $(bin)/yaomai up $(options)

test: .venv/.tests
	$(bin)/python -m pytest -q -n 2 --dist worksteal --ignore=tests/assure $(options)

check: .venv/.tests
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/deptry src
	$(bin)/djlint --lint --quiet src
	$(bin)/python scripts/check_migrations.py
	$(bin)/python scripts/check_messages.py

# Without npm the tests that need the HTML validator and Lighthouse skip, and say so.
.venv/.node: tests/assure/node/package.json tests/assure/node/package-lock.json
	@mkdir -p .venv/node && cp $^ .venv/node/
	@if command -v npm >/dev/null; then npm ci --prefix .venv/node --ignore-scripts --no-audit --no-fund --silent && touch $@ || echo "npm could not set up the programs that judge the screens"; fi

# Whatever of it is asked for: `make assure lines="tests/assure/test_health.py"`.
lines = tests/assure
assure: .venv/.tests .venv/.node
	$(bin)/python -m pytest -v -p no:randomly $(lines) $(options)

# Spark, which one of the figures compares with, is no part of the product's own packages.
.venv/.bench: requirements/spark.txt $(inputs)
	@scripts/environment.sh requirements/spark.txt
	@touch $@ .venv/.tests .venv/.product

bench: .venv/.bench
	$(bin)/python -m benchmarks $(options)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist src/*.egg-info
	find src -name '*.mo' -delete
