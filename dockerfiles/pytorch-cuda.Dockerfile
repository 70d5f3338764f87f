# PyTorch with CUDA from wheels, and the code of the build context on top.
#
#   docker build --file pytorch-cuda.Dockerfile --build-arg REQUIREMENTS=requirements.txt --tag app .
#
# Every group of wheels is a layer of its own, made in a stage of its own, and put in place by COPY --link. So a layer
# is made again only when its own wheels change, and a changed line of code moves the code's layer alone: on a builder
# that holds nothing but an imported registry cache, not a byte of the others is read. One RUN, WORKDIR or COPY without
# --link in the last stage would end that: it needs all layers below it, pulled and unpacked.
#
# BASE_IMAGE needs python3 3.9 or newer with venv and pip, and glibc (python:3.12-slim; Debian or Ubuntu with
# python3-venv). A secret named ca-bundle, where given, is trusted instead of the base image's certificates:
#   --secret id=ca-bundle,src=/etc/ssl/certs/ca-certificates.crt
ARG BASE_IMAGE=python:3.12-slim

# The files that REQUIREMENTS names (up to six, separated by spaces, relative to the context), and nothing else of the
# context: so no other file's change has wheels installed again. Those whose names begin with `constraints` only
# constrain. Each FILE takes the first name of the list, MORE the rest; at its end the last name simply repeats.
FROM scratch AS requirements
ARG REQUIREMENTS=""
ARG FILE="${REQUIREMENTS%% *}" MORE="${REQUIREMENTS#* }"
COPY ["${FILE:-no-requirements*}", "/${FILE}"]
ARG FILE="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FILE:-no-requirements*}", "/${FILE}"]
ARG FILE="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FILE:-no-requirements*}", "/${FILE}"]
ARG FILE="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FILE:-no-requirements*}", "/${FILE}"]
ARG FILE="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FILE:-no-requirements*}", "/${FILE}"]
ARG FILE="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FILE:-no-requirements*}", "/${FILE}"]

# All that needs a file system to stand on happens here, below the wheels: the user, the directories, the environment.
FROM ${BASE_IMAGE} AS base
USER 0:0
ENV VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
# The environment starts empty: every package, pip too, comes from one resolution, so that no two layers hold the same.
# The user has a name, because torch.compile asks for one, and a number, because Kubernetes does.
RUN <<'EOF'
set -eu
if ! python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 9))'; then
  echo 'BASE_IMAGE must have python3 3.9 or newer, with venv (on Debian and Ubuntu: python3-venv).' >&2
  exit 1
fi
python3 -m venv --without-pip /opt/venv
if ! grep -q '^[^:]*:[^:]*:10001:' /etc/group; then echo 'app:x:10001:' >> /etc/group; fi
if ! grep -q '^[^:]*:[^:]*:10001:' /etc/passwd; then echo 'app:x:10001:10001::/home/app:/bin/sh' >> /etc/passwd; fi
mkdir -p /app /home/app
chown 10001:10001 /app /home/app
EOF
WORKDIR /app

# The installer and the two scripts that use it. None of it is in the image.
FROM base AS uv
ARG PYPI_URL=https://pypi.org/simple
COPY <<'EOF' /uv/requirements.txt
uv==0.13.8 \
  --hash=sha256:e18a57b8b352eb7c8feb317b9f6f533c8f0ad9673fd6cf34bbe3cf1a9f6a8984 \
  --hash=sha256:5337c30bb893b4f9ce0ceb921ba2da0d13f649da644f40ad3bef84083bef0203 \
  --hash=sha256:0b3e8b1a4f5e405e31e2ff33de8af4744831e9f7338539671efbd8c3c94e791d
EOF
RUN --mount=type=secret,id=ca-bundle <<'EOF'
set -eu
if [ -s /run/secrets/ca-bundle ]; then export PIP_CERT=/run/secrets/ca-bundle; fi
python3 -m venv /uv/venv
/uv/venv/bin/pip --disable-pip-version-check install --quiet --no-cache-dir --require-hashes --only-binary :all: \
  --index-url "$PYPI_URL" --requirement /uv/requirements.txt
EOF
ENV UV_NO_CONFIG=1 \
    UV_PREVIEW_FEATURES=pylock \
    UV_NO_CACHE=1 \
    UV_PYTHON=/opt/venv/bin/python3 \
    UV_PYTHON_DOWNLOADS=never \
    UV_HTTP_TIMEOUT=120 \
    UV_HTTP_RETRIES=5 \
    PATH=/uv/venv/bin:$PATH

# Resolves everything at once and writes one lock file (PEP 751: addresses and hashes) per group of wheels.
COPY --chmod=755 <<'EOF' /uv/lock
#!/uv/venv/bin/python3
import os, pathlib, re, subprocess, sys

# Group by group, what moves together: between two releases of PyTorch often only NCCL, NVSHMEM and Triton change beside
# torch, cuDNN and cuBLAS seldom. No group is over 1 GB as a layer, so that registries take and runtimes pull them side
# by side. The first match counts.
GROUPS = {
    'torch': r'torch',
    'cudnn': r'nvidia-cudnn.*',
    'nccl': r'nvidia-(nccl|nvshmem).*|(pytorch-)?triton',
    'cublas': r'nvidia-(cublas|cufft|curand).*',
    'cuda': r'(nvidia|cuda)-.*',
}
lock = pathlib.Path('/lock')
packages, torch_url, pypi_url = os.environ['TORCH_PACKAGES'], os.environ['INDEX_URL'], os.environ['PYPI_URL']
names = [re.match(r'[\w.-]+', package)[0] for package in packages.split()]
if os.path.exists('/run/secrets/ca-bundle'):
    os.environ['SSL_CERT_FILE'] = '/run/secrets/ca-bundle'

# An explicit index serves the packages that name it and no other, and they come from nowhere else.
project = lock / 'pyproject.toml'
lock.mkdir()
project.write_text('\n'.join([
    '[project]', 'name = "image"', 'version = "0"',
    f'dependencies = {["pip", *packages.split()]!r}',
    '[[tool.uv.index]]', 'name = "torch"', f'url = "{torch_url or pypi_url}"', 'explicit = true',
    '[tool.uv.sources]', *(f'{name} = {{ index = "torch" }}' for name in names), '']))

def resolve(*files):
    """Locks the PyTorch packages together with requirements; returns the lock's head and its entries by name."""
    command = ['uv', 'pip', 'compile', '--quiet', '--no-header', '--format', 'pylock.toml', '--default-index', pypi_url, str(project)]
    ended = subprocess.run([*command, *files], cwd='/requirements', stdout=subprocess.PIPE, text=True)
    if ended.returncode == 1:
        sys.exit(f'No set of packages satisfies TORCH_PACKAGES ({packages}) and the requirements ({" ".join(files)}): '
                 'the lines above name the two sides. Let the requirements leave the version of torch open, or ask for theirs.')
    if ended.returncode:
        sys.exit('The packages could not be resolved: the lines above say why. '
                 'A file that another one includes (-r, -c) must be named in REQUIREMENTS too.')
    head, *entries = re.split(r'(?m)^(?=\[\[packages\]\])', ended.stdout)
    return head, {re.search(r'(?m)^name = "(.+)"', entry)[1]: entry for entry in entries}

files = []
for name in os.environ['REQUIREMENTS'].split():
    if not os.path.exists(f'/requirements/{name}'):
        sys.exit(f'{name} is not among the six files that REQUIREMENTS can name. Join some of them.')
    files += ['--constraints', name] if os.path.basename(name).startswith('constraints') else [name]
head, entries = resolve(*files)
own = resolve()[1] if files else entries

def group_of(name):
    return next((group for group, pattern in GROUPS.items() if re.fullmatch(pattern, name)),
                'companions' if name in own else 'requirements')

for group in [*GROUPS, 'companions', 'requirements']:
    members = [name for name in entries if group_of(name) == group]
    folder = lock / group
    folder.mkdir()
    (folder / 'pylock.toml').write_text('\n'.join([head, *(entries[name].strip() for name in members), '']))
    print(f'{group}: {" ".join(members) or "nothing"}')
EOF

# Installs the wheels of one lock file as they shall stand in the image, but below /layer. Bytecode is compiled here,
# because the image's user cannot write it later and each start of Python would compile it again.
COPY --chmod=755 <<'EOF' /uv/lay
#!/bin/sh
set -eu
mkdir -p /layer/opt/venv
if ! grep -q '^\[\[packages' /lock/pylock.toml; then exit 0; fi
if [ -s /run/secrets/ca-bundle ]; then export SSL_CERT_FILE=/run/secrets/ca-bundle; fi
uv pip install --prefix /layer/opt/venv --compile-bytecode --requirements /lock/pylock.toml
rm -f /layer/opt/venv/.lock
EOF

FROM uv AS lock
ARG PYPI_URL=https://pypi.org/simple
# Where the PyTorch packages come from; PYPI_URL where it is empty.
ARG INDEX_URL=""
ARG TORCH_PACKAGES="torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0"
ARG REQUIREMENTS=""
RUN --mount=type=bind,from=requirements,target=/requirements --mount=type=secret,id=ca-bundle /uv/lock

FROM uv AS cudnn
RUN --mount=type=bind,from=lock,source=/lock/cudnn,target=/lock --mount=type=secret,id=ca-bundle /uv/lay
FROM uv AS cublas
RUN --mount=type=bind,from=lock,source=/lock/cublas,target=/lock --mount=type=secret,id=ca-bundle /uv/lay
FROM uv AS cuda
RUN --mount=type=bind,from=lock,source=/lock/cuda,target=/lock --mount=type=secret,id=ca-bundle /uv/lay
FROM uv AS nccl
RUN --mount=type=bind,from=lock,source=/lock/nccl,target=/lock --mount=type=secret,id=ca-bundle /uv/lay
FROM uv AS torch
RUN --mount=type=bind,from=lock,source=/lock/torch,target=/lock --mount=type=secret,id=ca-bundle /uv/lay
FROM uv AS companions
RUN --mount=type=bind,from=lock,source=/lock/companions,target=/lock --mount=type=secret,id=ca-bundle /uv/lay
FROM uv AS own
RUN --mount=type=bind,from=lock,source=/lock/requirements,target=/lock --mount=type=secret,id=ca-bundle /uv/lay

# Seldom changed layers first: a runtime unpacks in this order.
FROM base AS image
USER 10001:10001
CMD ["python3"]
COPY --link --from=cudnn /layer/ /
COPY --link --from=cublas /layer/ /
COPY --link --from=cuda /layer/ /
COPY --link --from=nccl /layer/ /
COPY --link --from=torch /layer/ /
COPY --link --from=companions /layer/ /
COPY --link --from=own /layer/ /
COPY --link --chown=10001:10001 . /app/
