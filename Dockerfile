# The broker as one process: state in the volume, everything pinned by hash, no root.
# It listens beyond loopback, so it starts only when BROKER_TOKEN is given.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements-build.lock requirements.lock ./
RUN python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && python -m venv /opt/broker \
    && /opt/broker/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY contracts contracts
COPY mocks mocks
COPY sandboxes sandboxes
COPY broker broker
COPY broker_pytest broker_pytest
RUN /opt/build/bin/python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /opt/build/dist . \
    && /opt/broker/bin/python -m pip install --no-cache-dir --no-deps --no-index /opt/build/dist/*.whl

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 broker \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent broker \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/broker
COPY --from=build /opt/broker /opt/broker
ENV PATH=/opt/broker/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
VOLUME /var/lib/broker
EXPOSE 4600
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 4600, timeout=2); c.request('GET', '/_broker/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["broker"]
CMD ["serve", "--host", "0.0.0.0", "--port", "4600", "--data", "/var/lib/broker"]
