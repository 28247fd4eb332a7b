# One image for every part of Slipway. `make install` builds the wheel first: it and the locked requirements lie in dist/.
ARG BASE_IMAGE=python:3.13-slim
FROM ${BASE_IMAGE} AS build
COPY dist/requirements.txt /tmp/requirements.txt
# A venv, since the base may be a distribution whose own Python refuses packages from outside (PEP 668).
RUN python3 -m venv /opt/slipway \
 && /opt/slipway/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt
COPY dist/slipway-*.whl /tmp/
RUN /opt/slipway/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps /tmp/slipway-*.whl

FROM ${BASE_IMAGE}
COPY --from=build /opt/slipway /opt/slipway
ENV PATH=/opt/slipway/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
ENTRYPOINT ["slipway"]
CMD ["controller"]
