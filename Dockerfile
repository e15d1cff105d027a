# The product without the built-in database: compose.yaml brings PostgreSQL as a service of its own.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements requirements
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY docs/guide docs/guide
COPY src src
RUN /venv/bin/pip install --no-cache-dir --no-build-isolation --no-deps . \
    && /venv/bin/yaomai messages \
    && /venv/bin/python -m compileall -q /venv/lib \
    && /venv/bin/pip uninstall --yes uv

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-cjk tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /var/lib/yaomai yaomai
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH YAOMAI_DATA=/var/lib/yaomai/data PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER yaomai
RUN mkdir -m 700 /var/lib/yaomai/data
VOLUME /var/lib/yaomai/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# Everything in one container; compose.yaml runs its parts apart.
CMD ["yaomai", "up", "--host", "0.0.0.0"]
