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
# A secret named index-login is a netrc file for the package index.
# Requirements may name repositories (git+https, git+ssh). Private ones are read with a git configuration that holds the
# logins, and with the default ssh key and the servers' public keys, as the action gives them where they are needed:
#   --secret id=git-credentials,src=gitconfig --secret id=known-hosts,src=known_hosts --ssh default=key
ARG BASE_IMAGE=python:3.12-slim
# runtime, compile (a C++ compiler and headers, for torch.compile), notebook (JupyterLab) or ssh (an ssh server).
ARG FLAVOR=runtime
# Folders of the context (up to three, separated by spaces), each a Python project with .cu sources that is compiled.
ARG EXTENSIONS=""
# Packages that the requirements bring and that are compiled like those folders, by their names: flash-attn.
ARG EXTENSION_PACKAGES=""
ARG COMPILED="${EXTENSIONS}${EXTENSION_PACKAGES}"
# An image whose /usr/local/cuda-<version> has the compiler for them, by its digest. Needed where PyPI has none, which is
# for CUDA 12: nvidia/cuda:12.8.1-devel-ubuntu24.04@sha256:…
ARG CUDA_DEVEL=scratch

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

# Where a lock is given, nothing is resolved:
#   uv pip compile --format pylock.toml --python-version 3.12 --output-file locked/pylock.toml requirements.txt
#   docker build --build-context pylock=locked …
# The folder holds pylock.toml, or one pylock.<architecture>.toml for each platform. The names in torch-set.txt, where it
# is there, are those that PyTorch's packages need; all others count as the requirements'.
FROM scratch AS pylock

# All that needs a file system to stand on happens here, below the wheels: the user, the directories, the environment.
FROM ${BASE_IMAGE} AS base
USER 0:0
ENV VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH:/home/app/.local/bin \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
# The environment starts empty: every package, pip too, comes from one resolution, so that no two layers hold the same.
# The user has a name, because torch.compile asks for one, and a number, because Kubernetes does. Packages that it installs
# later lie in its home and come behind the image's own on Python's path: they add, and replace nothing.
RUN <<'EOF'
set -eu
if ! python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 9))'; then
  echo 'BASE_IMAGE must have python3 3.9 or newer, with venv (on Debian and Ubuntu: python3-venv).' >&2
  exit 1
fi
if [ "$(python3 -c 'import platform; print(platform.libc_ver()[0])')" != glibc ]; then
  echo 'BASE_IMAGE has a C library other than glibc, as Alpine does, and PyTorch has no wheels for it: take one of Debian or Ubuntu.' >&2
  exit 1
fi
python3 -m venv --without-pip /opt/venv
cat > "$(/opt/venv/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/user-site.pth" <<'PTH'
import site; site.ENABLE_USER_SITE = site.check_enableusersite(); site.ENABLE_USER_SITE and site.addsitedir(site.getusersitepackages())
PTH
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
RUN --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login <<'EOF'
set -eu
if [ -s /run/secrets/ca-bundle ]; then export PIP_CERT=/run/secrets/ca-bundle; fi
if [ -s /run/secrets/index-login ]; then export NETRC=/run/secrets/index-login; fi
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
import difflib, os, pathlib, re, subprocess, sys

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
# The first process of a container, a package among the others.
INIT = 'dumb-init==1.2.5.post1'
NEEDS_TORCH = r"No module named '?torch|CUDA_HOME environment variable is not set"
lock = pathlib.Path('/lock')
packages, torch_url, pypi_url = os.environ['TORCH_PACKAGES'], os.environ['INDEX_URL'], os.environ['PYPI_URL']
# NumPy is there for its limit alone, and comes from where all others come from.
names = [name for name in (re.match(r'[\w.-]+', package)[0] for package in packages.split()) if name != 'numpy']
os.environ['GIT_TERMINAL_PROMPT'] = '0'
if os.path.exists('/run/secrets/ca-bundle'):
    os.environ['SSL_CERT_FILE'] = os.environ['GIT_SSL_CAINFO'] = '/run/secrets/ca-bundle'
if os.path.exists('/run/secrets/index-login'):
    os.environ['NETRC'] = '/run/secrets/index-login'

# An explicit index serves the packages that name it and no other, and they come from nowhere else.
project = lock / 'pyproject.toml'
lock.mkdir()
project.write_text('\n'.join([
    '[project]', 'name = "image"', 'version = "0"',
    f'dependencies = {["pip", *packages.split()]!r}',
    '[[tool.uv.index]]', 'name = "torch"', f'url = "{torch_url or pypi_url}"', 'explicit = true',
    '[tool.uv.sources]', *(f'{name} = {{ index = "torch" }}' for name in names), '']))
init = lock / 'init.txt'
init.write_text(INIT)

def normalized(name):
    return re.sub(r'[-_.]+', '-', name).lower()

# What is compiled is locked as sources, whatever wheels there are.
compiled = [normalized(name) for name in os.environ['EXTENSION_PACKAGES'].split()]

def resolve(*files):
    """Locks the PyTorch packages together with requirements; returns the lock's head and its entries by name."""
    command = ['uv', 'pip', 'compile', '--quiet', '--no-header', '--format', 'pylock.toml', '--default-index', pypi_url,
               *(f'--no-binary={name}' for name in compiled), str(project)]
    def run(*more):
        return subprocess.run([*command, *files, *more], cwd='/requirements', stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    unstated = {}
    while True:
        ended = run(str(init))
        # The index may not have it, and the requirements may want another one.
        if ended.returncode and 'dumb-init' in ended.stderr:
            ended = run()
        failed = re.search(r'Failed to (?:download and )?build `([\w.-]+)(==| @ )', ended.stderr)
        name = normalized(failed[1]) if ended.returncode and failed else None
        if name not in compiled or name in unstated:
            break
        # It must be built to know what it requires, and cannot be without torch: what its wheel requires is looked at
        # when it is made. uv takes no such word without a version for what has an address.
        print(f'{name} does not state what it requires, and is locked as if that were nothing.')
        unstated[name] = ' version = "0",' if failed[2] == ' @ ' else ''
        entries = ', '.join(f'{{ name = "{name}",{version} requires-dist = [] }}' for name, version in unstated.items())
        (lock / 'uv.toml').write_text(f'dependency-metadata = [{entries}]\n')
        command = [*command, '--config-file', str(lock / 'uv.toml')] if len(unstated) == 1 else command
    sys.stderr.write(ended.stderr)
    if ended.returncode and re.search(NEEDS_TORCH, ended.stderr):
        near = [] if name in compiled else difflib.get_close_matches(name or '', compiled, 1)
        sys.exit(pathlib.Path('/uv/needs-torch.txt').read_text().strip()
                 + (f' EXTENSION_PACKAGES names {near[0]}: did you mean {name}?' if near else ''))
    # uv ends alike where there is no set and where a package could not be built.
    if ended.returncode == 1 and 'build backend returned an error' not in ended.stderr:
        sys.exit(f'No set of packages satisfies TORCH_PACKAGES ({packages}) and the requirements ({" ".join(files)}): '
                 'the lines above name the two sides. Let the requirements leave the version of torch open, or ask for theirs.')
    if ended.returncode:
        sys.exit('The packages could not be resolved: the lines above say why. '
                 'A file that another one includes (-r, -c) must be named in REQUIREMENTS too. '
                 'A private repository (git+https, git+ssh) needs a credential: git-credentials, github-app or one key of ssh-keys.')
    return split(ended.stdout)

def split(text):
    head, *entries = re.split(r'(?m)^(?=\[\[packages\]\])', text)
    return head, {re.search(r'(?m)^name = "(.+)"', entry)[1]: entry for entry in entries}

def given():
    """The lock that was resolved before the build, if there is one."""
    for name in (f'pylock.{os.environ.get("TARGETARCH", "")}.toml', 'pylock.toml'):
        path = pathlib.Path('/pylock') / name
        if path.exists():
            head, entries = split(path.read_text())
            oldest = re.search(r'(?m)^requires-python = ">=(\d+)\.(\d+)', head)
            if oldest and sys.version_info[:2] != (int(oldest[1]), int(oldest[2])):
                sys.exit(f'The lock is for Python {oldest[1]}.{oldest[2]}, and BASE_IMAGE has '
                         f'{sys.version_info[0]}.{sys.version_info[1]}: make the lock for that one, or take another base.')
            return head, entries

def resolved():
    files = []
    for name in os.environ['REQUIREMENTS'].split():
        if not os.path.exists(f'/requirements/{name}'):
            sys.exit(f'{name} is not among the six files that REQUIREMENTS can name. Join some of them.')
        files += ['--constraints', name] if os.path.basename(name).startswith('constraints') else [name]
    head, entries = resolve(*files)
    return head, entries, resolve()[1] if files else entries

if given():
    head, entries = given()
    names = pathlib.Path('/pylock/torch-set.txt')
    own = names.read_text().split() if names.exists() else []
    print('The packages are those of the lock.')
else:
    head, entries, own = resolved()

for name in compiled:
    if name not in entries:
        near = difflib.get_close_matches(name, entries, 1)
        sys.exit(f'EXTENSION_PACKAGES (input extensions) names {name}, which is no package of the lock. '
                 + (f'Did you mean {near[0]}?' if near else 'Name it in the requirements too. A folder has a slash in it: ./kernels.'))

def group_of(name):
    if name in compiled:
        return 'extensions'
    return next((group for group, pattern in GROUPS.items() if re.fullmatch(pattern, name)),
                'companions' if name in own else 'requirements')

for group in [*GROUPS, 'companions', 'requirements', 'extensions']:
    members = [name for name in entries if group_of(name) == group]
    folder = lock / group
    folder.mkdir()
    (folder / 'pylock.toml').write_text('\n'.join([head, *(entries[name].strip() for name in members), '']))
    print(f'{group}: {" ".join(members) or "nothing"}')
EOF

COPY <<'EOF' /uv/needs-torch.txt
A package has CUDA sources, or others that torch must be there for when they are built, and packages are built by themselves. Name it in EXTENSION_PACKAGES (input extensions), and it is compiled against the image's own torch; or take a release of it that has a wheel.
EOF

# Installs the wheels of one lock file as they shall stand in the image, but below /layer. Bytecode is compiled here,
# because the image's user cannot write it later and each start of Python would compile it again.
COPY --chmod=755 <<'EOF' /uv/lay
#!/bin/sh
set -eu
mkdir -p /layer/opt/venv
if ! grep -q '^\[\[packages' /lock/pylock.toml; then exit 0; fi
if [ -s /run/secrets/ca-bundle ]; then export SSL_CERT_FILE=/run/secrets/ca-bundle GIT_SSL_CAINFO=/run/secrets/ca-bundle; fi
if [ -s /run/secrets/index-login ]; then export NETRC=/run/secrets/index-login; fi
export GIT_TERMINAL_PROMPT=0 UV_DEFAULT_INDEX="${PYPI_URL:-https://pypi.org/simple}"
{ uv pip install --prefix /layer/opt/venv --compile-bytecode --requirements /lock/pylock.toml || touch /uv/failed; } 2>&1 | tee /uv/said
if [ -e /uv/failed ]; then
  if grep -Eq "No module named '?torch|CUDA_HOME environment variable is not set" /uv/said; then cat /uv/needs-torch.txt; fi
  exit 1
fi
rm -f /layer/opt/venv/.lock
EOF

# Git and ssh, where a requirement or the lock names a repository and the base image lacks them. None of it is in the image.
FROM uv AS git
RUN --mount=type=bind,from=requirements,target=/requirements --mount=type=bind,from=pylock,target=/pylock <<'EOF'
set -eu
if ! grep -Erqs "git\+|(^|[^a-z-])git *= *[\"']|type *= *[\"']git[\"']" /requirements /pylock; then exit 0; fi
if command -v git >/dev/null && command -v ssh >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null; then
  echo 'A requirement names a git repository, and BASE_IMAGE has neither git and ssh nor apt-get to install them.' >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends git openssh-client ca-certificates
EOF

FROM git AS lock
ARG PYPI_URL=https://pypi.org/simple
# Where the PyTorch packages come from; PYPI_URL where it is empty.
ARG INDEX_URL=""
ARG TORCH_PACKAGES="torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0"
ARG REQUIREMENTS=""
ARG EXTENSION_PACKAGES=""
ARG TARGETARCH
# The logins lie where git of any age looks for them.
RUN --mount=type=bind,from=requirements,target=/requirements --mount=type=bind,from=pylock,target=/pylock \
    --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login \
    --mount=type=secret,id=git-credentials,target=/root/.gitconfig --mount=type=secret,id=known-hosts --mount=type=ssh \
    /uv/lock

FROM uv AS cudnn
RUN --mount=type=bind,from=lock,source=/lock/cudnn,target=/lock --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login /uv/lay
FROM uv AS cublas
RUN --mount=type=bind,from=lock,source=/lock/cublas,target=/lock --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login /uv/lay
FROM uv AS cuda
RUN --mount=type=bind,from=lock,source=/lock/cuda,target=/lock --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login /uv/lay
FROM uv AS nccl
RUN --mount=type=bind,from=lock,source=/lock/nccl,target=/lock --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login /uv/lay
FROM uv AS torch
RUN --mount=type=bind,from=lock,source=/lock/torch,target=/lock --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login /uv/lay
FROM uv AS companions
RUN --mount=type=bind,from=lock,source=/lock/companions,target=/lock --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login /uv/lay
FROM git AS own
ARG PYPI_URL=https://pypi.org/simple
RUN --mount=type=bind,from=lock,source=/lock/requirements,target=/lock --mount=type=secret,id=ca-bundle \
    --mount=type=secret,id=index-login --mount=type=secret,id=git-credentials,target=/root/.gitconfig \
    --mount=type=secret,id=known-hosts --mount=type=ssh \
    /uv/lay

# What EXTENSIONS and EXTENSION_PACKAGES name, compiled against the very wheels of the image. The compiler is that of their CUDA, from PyPI too: no
# devel image is pulled, and none of it is in the image. The wheels are mounted, so that nothing of theirs is copied.
FROM scratch AS extension-sources
ARG EXTENSIONS=""
ARG FOLDER="${EXTENSIONS%% *}" MORE="${EXTENSIONS#* }"
COPY ["${FOLDER:-no-extensions*}", "/${FOLDER}/"]
ARG FOLDER="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FOLDER:-no-extensions*}", "/${FOLDER}/"]
ARG FOLDER="${MORE%% *}" MORE="${MORE#* }"
COPY ["${FOLDER:-no-extensions*}", "/${FOLDER}/"]

# The sources of packages as the lock has them, archives by their hash and repositories by their commit, each in a folder
# of its name. Compiled elsewhere: what they bring along runs without the logins that fetched it, and is compiled again
# only where the sources or the wheels are others.
FROM git AS extension-packages
COPY --chmod=755 <<'EOF' /uv/fetch
#!/uv/venv/bin/python3
import base64, hashlib, netrc, os, pathlib, shutil, ssl, subprocess, sys, tarfile, time, urllib.error, urllib.parse, urllib.request
try:
    import tomllib
except ModuleNotFoundError:
    from pip._vendor import tomli as tomllib

bundle, login = '/run/secrets/ca-bundle', '/run/secrets/index-login'
is_trusted = os.path.exists(bundle)
os.environ.update(GIT_TERMINAL_PROMPT='0', GIT_ALLOW_PROTOCOL='https:http:ssh', **({'GIT_SSL_CAINFO': bundle} if is_trusted else {}))
context = ssl.create_default_context(cafile=bundle if is_trusted else None)

def login_for(host):
    try:
        return netrc.netrc(login).authenticators(host) if os.path.exists(login) else None
    except netrc.NetrcParseError:
        # Python before 3.11 takes no empty password, which a token has that stands as the user.
        words = pathlib.Path(login).read_text().split()
        return (words[3], None, '') if words[:2] == ['machine', host] and words[2:5:2] == ['login', 'password'] else None

def download(url, path):
    request = urllib.request.Request(url, headers={'User-Agent': 'pytorch-cuda-image'})
    found = login_for(urllib.parse.urlsplit(url).hostname)
    if found:
        # Not handed on where the address leads elsewhere.
        said = base64.b64encode(f'{found[0]}:{found[2] or ""}'.encode()).decode()
        request.add_unredirected_header('Authorization', f'Basic {said}')
    with urllib.request.urlopen(request, timeout=120, context=context) as answer, path.open('wb') as file:
        shutil.copyfileobj(answer, file)

def fetch_archive(name, archive, tree):
    url = archive['url']
    path = pathlib.Path('/tmp') / os.path.basename(urllib.parse.urlsplit(url).path)
    for attempt in range(4):
        try:
            download(url, path)
            break
        except (urllib.error.URLError, OSError) as error:
            if attempt == 3 or getattr(error, 'code', 500) < 500:
                sys.exit(f'extensions: the sources of {name} could not be fetched: {error}')
            time.sleep(2 ** attempt)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != archive['hashes']['sha256']:
        sys.exit(f'extensions: the sources of {name} have the SHA-256 {found}, and the lock says {archive["hashes"]["sha256"]}.')
    unpacked = pathlib.Path('/tmp/unpacked') / name
    # Releases of Python before June 2023 know no filter, and none is for zip archives.
    safely = {'filter': 'data'} if hasattr(tarfile, 'data_filter') and path.suffix != '.zip' else {}
    shutil.unpack_archive(path, unpacked, **safely)
    [top] = unpacked.iterdir()
    shutil.move(top, tree)

def fetch_commit(name, vcs, tree):
    def git(*words):
        return subprocess.run(['git', *words], cwd=tree).returncode == 0
    tree.mkdir(parents=True)
    commit = vcs['commit-id']
    # Not every server gives a commit that is the end of no branch.
    is_there = git('init', '--quiet') and git('remote', 'add', 'origin', vcs['url']) and (
        git('fetch', '--quiet', '--depth=1', 'origin', commit) or git('fetch', '--quiet', '--tags', 'origin'))
    if not (is_there and git('checkout', '--quiet', '--detach', commit) and git('submodule', '--quiet', 'update', '--init', '--recursive')):
        sys.exit(f'extensions: {name} could not be fetched at {commit}: the lines above say why. '
                 'A private repository needs a credential: git-credentials, github-app or one key of ssh-keys.')
    # What was fetched when is another one each time; the sources are the same.
    for path in [*tree.rglob('.git')]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()

for entry in tomllib.loads(pathlib.Path('/lock/pylock.toml').read_text()).get('packages', []):
    name = entry['name']
    tree = pathlib.Path('/packages') / name / 'tree'
    tree.parent.mkdir(parents=True)
    vcs, archive = entry.get('vcs'), entry.get('sdist') or entry.get('archive')
    if vcs:
        fetch_commit(name, vcs, tree)
    elif archive and not archive['url'].endswith('.whl'):
        fetch_archive(name, archive, tree)
    else:
        sys.exit(f'extensions: the lock has no sources of {name}, only what is compiled already: take it out of EXTENSION_PACKAGES '
                 '(input extensions), or make the lock anew with it.')
    (tree.parent / 'place').write_text((vcs or archive).get('subdirectory', '.'))
    print(f'{name}: {vcs["commit-id"] if vcs else archive["hashes"]["sha256"]}')
EOF
WORKDIR /packages
RUN --mount=type=bind,from=lock,source=/lock/extensions,target=/lock --mount=type=secret,id=ca-bundle \
    --mount=type=secret,id=index-login --mount=type=secret,id=git-credentials,target=/root/.gitconfig \
    --mount=type=secret,id=known-hosts --mount=type=ssh \
    /uv/fetch

# Mounted while they are compiled: nothing of it is copied.
FROM ${CUDA_DEVEL} AS cuda-devel

FROM scratch AS extensions-none
WORKDIR /layer

FROM uv AS extensions-made-none
RUN --mount=type=secret,id=ca-bundle <<'EOF'
set -eu
if command -v g++ > /dev/null && [ -e "$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ]; then exit 0; fi
if [ -s /run/secrets/ca-bundle ]; then
  printf 'Acquire::https::CaInfo "/run/secrets/ca-bundle";\n' > /tmp/apt.conf
  export APT_CONFIG=/tmp/apt.conf
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o Acquire::Retries=3 update
apt-get -qq -o Acquire::Retries=3 install --yes --no-install-recommends g++ libc6-dev libpython3-dev
EOF
COPY --chmod=755 <<'EOF' /uv/extend
#!/opt/venv/bin/python3
"""Compiles extensions with .cu sources against the wheels of the image: nvcc of the very CUDA that its torch is built for."""
import importlib.metadata, os, pathlib, re, shutil, subprocess, sys

def stop(text):
    sys.exit(f'extensions: {text}')

# The wheels' groups are mounted side by side; together they are the image's packages.
python = f'python{sys.version_info[0]}.{sys.version_info[1]}'
sites = sorted(str(path) for path in pathlib.Path('/wheels').glob(f'*/opt/venv/lib/{python}/site-packages'))
sys.path[1:1] = sites
try:
    torch = importlib.metadata.distribution('torch')
except importlib.metadata.PackageNotFoundError:
    stop('PyTorch is not among the packages of the image.')
needs = r'(?:cuda-toolkit(?:\[.*?\])?|nvidia-cuda-runtime(?:-cu\d+)?) *\(?==([\d.]+)'
cuda = next((match[1] for need in torch.requires or [] if (match := re.match(needs, need))), None)
devel = sorted(pathlib.Path('/devel/usr/local').glob('cuda-[0-9]*.[0-9]*'))
if cuda is None:
    stop(f'torch {torch.version} is not built for CUDA.')
if not devel and int(cuda.split('.')[0]) < 13:
    stop(f'torch {torch.version} is built for CUDA {cuda}, whose compiler PyPI does not have. Name an image that has it as CUDA_DEVEL '
         '(input cuda-devel).')

def install(folder, *packages):
    command = ['uv', 'pip', 'install', '--quiet', '--default-index', os.environ['PYPI_URL'], '--target', folder, '--', *packages]
    if subprocess.run(command).returncode:
        stop(f'{" ".join(packages)} could not be installed: the lines above say why.')

def normalized(name):
    return re.sub(r'[-_.]+', '-', name).lower()

def needs_of(folder):
    project = folder / 'pyproject.toml'
    needs = ['setuptools', 'wheel']
    if project.exists():
        try:
            import tomllib
        except ModuleNotFoundError:
            sys.path.append(f'/uv/venv/lib/{python}/site-packages')
            from pip._vendor import tomli as tomllib
        needs = tomllib.loads(project.read_text()).get('build-system', {}).get('requires', needs)
    # What the image has is built against, never anything newer.
    return [need for need in needs if not re.match(r'(torch|torchvision|torchaudio|triton)\b', need)]

if devel:
    release = '.'.join(cuda.split('.')[:2])
    home = pathlib.Path(f'/devel/usr/local/cuda-{release}')
    if not (home / 'bin/nvcc').exists():
        stop(f'CUDA_DEVEL has no /usr/local/cuda-{release}/bin/nvcc, and torch {torch.version} is built for CUDA {cuda}; it has '
             f'{" ".join(path.name for path in devel)}.')
else:
    install('/cuda', f'cuda-toolkit[nvcc,cccl,cudart]=={cuda}')
    [home] = pathlib.Path('/cuda/nvidia').glob('cu[0-9]*')
    (home / 'lib64').symlink_to('lib')
    for library in (home / 'lib').glob('lib*.so.[0-9]*'):
        plain = library.with_name(library.name.split('.so.')[0] + '.so')
        if not plain.exists():
            plain.symlink_to(library.name)
headers = [str(path) for site in sites for path in pathlib.Path(site).glob('nvidia/*/include')]
# One of NVIDIA's wheels has its library beside the folder that all others share.
libraries = [str(path) for site in sites for place in ('nvidia/*/lib', 'cusparselt/lib') for path in pathlib.Path(site).glob(place)]
os.environ.update(
    CUDA_HOME=str(home),
    PATH=f'{home}/bin:/tools/bin:{os.environ["PATH"]}',
    CPATH=':'.join([str(home / 'include'), *headers]),
    LD_LIBRARY_PATH=':'.join(libraries),
    PYTHONPATH=':'.join(['/tools', *sites]),
    FORCE_CUDA='1',
    # flash-attn would take a wheel from elsewhere, made for another torch perhaps, which the lock does not know.
    FLASH_ATTENTION_FORCE_BUILD='TRUE')

# What is compiled: its name, what is copied for it, and where in that its project is.
projects = [(name, pathlib.Path('/sources') / name, '.') for name in os.environ['EXTENSIONS'].split()]
packages = [normalized(name) for name in os.environ['EXTENSION_PACKAGES'].split()]
projects += [(name, pathlib.Path('/packages') / name / 'tree', (pathlib.Path('/packages') / name / 'place').read_text()) for name in packages]
for name, tree, place in projects:
    if not ((tree / place / 'setup.py').exists() or (tree / place / 'pyproject.toml').exists()):
        stop(f'{name} has neither setup.py nor pyproject.toml.')
# packaging and psutil: what the setup.py of such packages imports without saying so.
install('/tools', 'ninja', 'packaging', 'psutil', *dict.fromkeys(need for _, tree, place in projects for need in needs_of(tree / place)))
if not os.environ.get('TORCH_CUDA_ARCH_LIST'):
    # Without named GPUs: those of torch itself.
    flags = subprocess.run([sys.executable, '-c', 'import torch; print(torch._C._cuda_getArchFlags() or "")'], stdout=subprocess.PIPE, text=True, check=True).stdout
    os.environ['TORCH_CUDA_ARCH_LIST'] = ';'.join(dict.fromkeys(f'{code[:-1]}.{code[-1]}' for code in re.findall(r'sm_(\d+)\b', flags)))
print(f'torch {torch.version}, nvcc of CUDA {cuda}, for {os.environ["TORCH_CUDA_ARCH_LIST"]}')
wheels = []
for name, tree, place in projects:
    source = pathlib.Path('/build') / name / tree.name
    shutil.copytree(tree, source, symlinks=True)
    command = ['uv', 'build', '--wheel', '--no-build-isolation', '--python', sys.executable, '--out-dir', f'/dist/{name}', str(source / place)]
    if subprocess.run(command).returncode:
        stop(f'{name} could not be compiled: the lines above say why.')
    [wheel] = pathlib.Path('/dist', name).glob('*.whl')
    if name in packages and normalized(wheel.name.split('-')[0]) != name:
        stop(f'{name} became {wheel.name}, which is another package.')
    wheels.append(str(wheel))
if subprocess.run(['uv', 'pip', 'install', '--quiet', '--no-deps', '--compile-bytecode', '--prefix', '/layer/opt/venv', *wheels]).returncode:
    stop('the wheels that were made do not fit this Python.')

# Nothing more is installed for them: what they require is in the lock, or they do not work.
sys.path.append('/tools')
from packaging.requirements import Requirement
made = list(importlib.metadata.distributions(path=[f'/layer/opt/venv/lib/{python}/site-packages']))
versions = {normalized(one.metadata['Name']): one.version for one in [*importlib.metadata.distributions(path=sites), *made]}
for one in made:
    for need in map(Requirement, one.requires or []):
        version = versions.get(normalized(need.name))
        if need.marker and not need.marker.evaluate({'extra': ''}) or version and need.specifier.contains(version, prereleases=True):
            continue
        stop(f'{one.metadata["Name"]} requires {need}, and {f"{version} is" if version else "nothing of that name is"} among the packages: '
             'name it in the requirements too.')
EOF
ARG PYPI_URL=https://pypi.org/simple
ARG EXTENSIONS=""
ARG EXTENSION_PACKAGES=""
# As torch.utils.cpp_extension reads it: `8.0;9.0`. Empty: all that torch itself is built for.
ARG TORCH_CUDA_ARCH_LIST=""
RUN --mount=type=bind,from=extension-sources,target=/sources \
    --mount=type=bind,from=extension-packages,source=/packages,target=/packages --mount=type=bind,from=cuda-devel,target=/devel \
    --mount=type=bind,from=cudnn,source=/layer,target=/wheels/cudnn \
    --mount=type=bind,from=cublas,source=/layer,target=/wheels/cublas \
    --mount=type=bind,from=cuda,source=/layer,target=/wheels/cuda \
    --mount=type=bind,from=nccl,source=/layer,target=/wheels/nccl \
    --mount=type=bind,from=torch,source=/layer,target=/wheels/torch \
    --mount=type=bind,from=companions,source=/layer,target=/wheels/companions \
    --mount=type=bind,from=own,source=/layer,target=/wheels/own \
    --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login <<'EOF'
set -eu
if [ -s /run/secrets/ca-bundle ]; then export SSL_CERT_FILE=/run/secrets/ca-bundle; fi
if [ -s /run/secrets/index-login ]; then export NETRC=/run/secrets/index-login; fi
/uv/extend
EOF

FROM extensions-${COMPILED:+made-}none AS extensions

# JupyterLab in an environment of its own: what it needs never decides which packages the image has.
FROM uv AS jupyter
ARG PYPI_URL=https://pypi.org/simple
ARG JUPYTER_PACKAGES="jupyterlab==4.6.6 ipykernel==7.4.0"
RUN --mount=type=secret,id=ca-bundle --mount=type=secret,id=index-login <<'EOF'
set -eu
if [ -s /run/secrets/ca-bundle ]; then export SSL_CERT_FILE=/run/secrets/ca-bundle; fi
if [ -s /run/secrets/index-login ]; then export NETRC=/run/secrets/index-login; fi
"$(/opt/venv/bin/python3 -c 'import sys; print(sys._base_executable)')" -m venv --without-pip /opt/jupyter
uv pip install --quiet --default-index "$PYPI_URL" --python /opt/jupyter/bin/python3 --compile-bytecode -- $JUPYTER_PACKAGES
EOF
COPY <<'EOF' /opt/jupyter/share/jupyter/kernels/python3/kernel.json
{
  "argv": ["/opt/venv/bin/python3", "-Xfrozen_modules=off", "/opt/jupyter/kernel.py", "-f", "{connection_file}"],
  "display_name": "PyTorch",
  "language": "python",
  "metadata": {"debugger": true}
}
EOF
COPY <<'EOF' /opt/jupyter/kernel.py
"""Runs the kernel with the image's own packages; what only Jupyter needs comes behind them."""
import sys

sys.path[0:1] = []
sys.path.append('/opt/jupyter/lib/python{}.{}/site-packages'.format(*sys.version_info))

from ipykernel import kernelapp

kernelapp.launch_new_instance()
EOF
COPY <<'EOF' /opt/jupyter/server.py
import os

c = get_config()  # noqa
c.ServerApp.ip = '0.0.0.0'
c.ServerApp.port = int(os.environ.get('PORT', '8888'))
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.allow_root = False
c.IdentityProvider.token = os.environ.get('JUPYTER_TOKEN', '')
c.PasswordIdentityProvider.hashed_password = os.environ.get('JUPYTER_PASSWORD_HASH', '')
c.PasswordIdentityProvider.allow_password_change = False
EOF
COPY --chmod=755 <<'EOF' /opt/jupyter/bin/healthy
#!/opt/jupyter/bin/python3
"""Asks the server of this container for an answer, at the address that its settings gave it, and past any proxy."""
import http.client, json, os, pathlib, ssl, sys

folder = os.environ.get('JUPYTER_RUNTIME_DIR') or pathlib.Path.home() / '.local/share/jupyter/runtime'
files = sorted(pathlib.Path(folder).glob('jpserver-*.json'), key=lambda file: file.stat().st_mtime)
if not files:
    sys.exit('The server has not started.')
server = json.loads(files[-1].read_text())
host = '127.0.0.1' if server['hostname'] in ('0.0.0.0', '::') else server['hostname']
if server['secure']:
    connection = http.client.HTTPSConnection(host, server['port'], timeout=5, context=ssl._create_unverified_context())
else:
    connection = http.client.HTTPConnection(host, server['port'], timeout=5)
try:
    connection.request('GET', server['base_url'] + 'api')
    status = connection.getresponse().status
except OSError as error:
    sys.exit(f'The server does not answer: {error}')
if status != 200:
    sys.exit(f'The server answers {status}.')
EOF
COPY --chmod=755 <<'EOF' /opt/jupyter/bin/notebook
#!/opt/jupyter/bin/python3
"""Starts JupyterLab for those who can log in, and not at all where nobody would have to."""
import os, pathlib, re, sys

def stop(text):
    sys.exit(f'notebook: {text}')

def secret(name, file):
    path = pathlib.Path(os.environ.get(f'{name}_FILE', f'/run/secrets/{file}'))
    if f'{name}_FILE' in os.environ and not path.is_file():
        stop(f'{name}_FILE names {path}, which is not there.')
    if path.is_file() and not os.access(path, os.R_OK):
        stop(f'{path} cannot be read by the user {os.getuid()}. Let others read the file (chmod 644), or run as its owner (--user).')
    return os.environ.get(name, '').strip() or (path.read_text().strip() if path.is_file() else '')

if os.getuid() == 0:
    stop('not as root, because whoever logs in would be root too. Leave out --user, or give it a number other than 0.')
token, password = secret('JUPYTER_TOKEN', 'jupyter-token'), secret('JUPYTER_PASSWORD_HASH', 'jupyter-password-hash')
if not token and not password:
    stop('nobody would have to log in. Mount a token as /run/secrets/jupyter-token (openssl rand -hex 24), or the hash of a '
         'password as /run/secrets/jupyter-password-hash (jupyter server password); JUPYTER_TOKEN and JUPYTER_PASSWORD_HASH do too.')
if token and len(token) < 16:
    stop('the token has fewer than 16 characters and could be guessed. Make one: openssl rand -hex 24')
if password and not password.startswith('argon2:$argon2'):
    stop('JUPYTER_PASSWORD_HASH is no argon2 hash, as `jupyter server password` makes it. It is never the password itself.')
for word in sys.argv[1:]:
    if re.match(r'--?(allow-root|config)\b|.*(allow_root|token|password|identity_provider|authenticat|allow_origin)', word):
        stop(f'{word.split("=")[0]} is not taken from the command line: it decides who gets in.')
os.environ.pop('JUPYTER_TOKEN_FILE', None)
os.environ.update(JUPYTER_TOKEN=token, JUPYTER_PASSWORD_HASH=password)
os.execv('/opt/jupyter/bin/jupyter-lab', ['jupyter-lab', '--config=/opt/jupyter/server.py', *sys.argv[1:]])
EOF

# What an image of any flavour has besides wheels, below them. Nothing is fetched by apt where nothing is asked for.
FROM base AS flavor-runtime
ARG FLAVOR=runtime
ARG APT_PACKAGES=""
RUN --mount=type=secret,id=ca-bundle <<'EOF'
set -eu
packages=$APT_PACKAGES
set --
case $FLAVOR in
  compile)
    packages="$packages g++ libc6-dev"
    # 57 MB without a use here: what those who mend gcc look into object files with, and a Python to be linked into programs.
    set -- -o 'Dpkg::Options::=--path-exclude=/usr/bin/*lto-dump*' -o 'Dpkg::Options::=--path-exclude=/usr/lib/*/libpython3*.a'
    include=$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')
    if [ ! -e "$include/Python.h" ]; then packages="$packages libpython3-dev"; fi
    ;;
  ssh) packages="$packages openssh-server" ;;
esac
if [ -z "$(echo $packages)" ]; then exit 0; fi
if ! command -v apt-get > /dev/null; then
  echo "BASE_IMAGE has no apt-get, which FLAVOR=$FLAVOR and APT_PACKAGES need (Debian and Ubuntu have it)." >&2
  exit 1
fi
if [ -s /run/secrets/ca-bundle ]; then
  printf 'Acquire::https::CaInfo "/run/secrets/ca-bundle";\n' > /tmp/apt.conf
  export APT_CONFIG=/tmp/apt.conf
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o Acquire::Retries=3 update
apt-get -qq -o Acquire::Retries=3 "$@" install --yes --no-install-recommends -- $packages
# Host keys that lie in a layer are known to everyone who pulls it; and no cache is worth its bytes here.
rm -rf /tmp/apt.conf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
  /var/log/alternatives.log /etc/ssh/ssh_host_*
EOF
# Source: https://api.github.com/meta (ssh_keys).
COPY <<'EOF' /etc/ssh/ssh_known_hosts
github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
github.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=
EOF
COPY --chmod=755 <<'EOF' /usr/local/bin/start
#!/bin/sh
# Fetches the code that CODE_REPOSITORIES names, if it names any, and becomes the command: as the child of an init, which hands
# signals on and takes dead children away, where the packages bring it and nothing else is the first process.
set -eu
init=/opt/venv/bin/dumb-init
if [ $$ = 1 ] && [ -x "$init" ]; then exec "$init" -- "$0" "$@"; fi
if [ -n "${CODE_REPOSITORIES:-}" ]; then /usr/local/bin/fetch-code; fi
exec "$@"
EOF
COPY --chmod=755 <<'EOF' /usr/local/bin/fetch-code
#!/bin/sh
# Checks that every repository of CODE_REPOSITORIES can be read, then fetches them: before any GPU time is spent.
# Lines `address [folder [revision]]`; docs/flavours.md says where tokens, keys and host keys are looked for.
set -eu
umask 077
# What is said goes past redirections.
exec 3>&2
fail() {
  echo "fetch-code: $*" >&3
  exit 78
}
command -v git > /dev/null || fail 'git is not in this image. Build it with APT_PACKAGES="git openssh-client" (input apt-packages).'
private=$(mktemp -d) || fail 'no folder for temporary files can be written: mount one at /tmp.'
trap 'rm -rf "$private"' EXIT
export GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ALLOW_PROTOCOL=https:http:ssh
export GIT_LOGIN="$private/login"
readable() {
  if [ -e "$2" ] && [ ! -r "$2" ]; then
    fail "$2 cannot be read by the user $(id -u). Make it that user's own (chown $(id -u)), or its group's (fsGroup)."
  elif [ ! -e "$2" ] && printenv "$1" > /dev/null; then
    fail "$1 names $2, which is not there."
  fi
}
token=${GIT_TOKEN_FILE:-/run/secrets/git-token}
readable GIT_TOKEN_FILE "$token"
if [ -e "$token" ]; then printf 'username=x-access-token\npassword=%s\n' "$(cat "$token")" > "$GIT_LOGIN"; fi
known=${KNOWN_HOSTS_FILE:-/run/secrets/known_hosts}
readable KNOWN_HOSTS_FILE "$known"
if [ ! -e "$known" ]; then known=/etc/ssh/ssh_known_hosts; fi
printf '%s\n' "$CODE_REPOSITORIES" | grep -v '^[[:space:]]*\(#.*\)\{0,1\}$' > "$private/list" || fail 'CODE_REPOSITORIES names nothing.'

name_of() { printf '%s' "$1" | sed 's#/*$##; s#\.git$##; s#.*[/:]##'; }
owner_of() { printf '%s' "$1" | sed 's#/*$##; s#\.git$##; s#[/:][^/:]*$##; s#.*[/:]##'; }
# ssh refuses a key that a group may read, as Kubernetes mounts them; so it is copied. A repository's own key comes first.
key_for() {
  own="$(owner_of "$1").$(name_of "$1")"
  for key in "${GIT_SSH_KEYS:-/run/secrets/git-ssh-keys}/$own" "${GIT_SSH_KEY_FILE:-/run/secrets/git-ssh-key}"; do
    if [ -f "$key" ]; then
      readable GIT_SSH_KEY_FILE "$key"
      { cat "$key"; echo; } > "$private/key"
      return 0
    fi
  done
  return 1
}
# Runs git for one address, with what opens that address and nothing else.
reach() {
  address=$1
  shift
  case $address in
    https://*@* | http://*@*) fail 'an address holds a login; mount the token as /run/secrets/git-token instead.' ;;
    https://* | http://127.0.0.1[:/]* | http://localhost[:/]*)
      origin=$(printf '%s' "$address" | sed 's#^\([a-z]*://[^/]*\).*#\1#')
      set -- -c http.followRedirects=false -c credential.helper= \
        -c "credential.$origin.helper=!f() { if test \"\$1\" = get && test -r \"\$GIT_LOGIN\"; then cat \"\$GIT_LOGIN\"; fi; }; f" "$@"
      ;;
    http://*) fail "$address is read without encryption; write https." ;;
    ssh://* | *@*:*)
      command -v ssh > /dev/null || fail 'ssh is not in this image. Build it with APT_PACKAGES="git openssh-client" (input apt-packages).'
      key_for "$address" || fail "no key for $address: mount it as /run/secrets/git-ssh-key."
      trust="-o StrictHostKeyChecking=yes -o UserKnownHostsFile='$known' -o GlobalKnownHostsFile=/dev/null"
      export GIT_SSH_COMMAND="ssh -F /dev/null -i '$private/key' -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=20 $trust"
      ;;
    *) fail "$address is neither an https nor an ssh address." ;;
  esac
  git "$@"
}

while read -r address folder revision; do
  reach "$address" ls-remote --quiet "$address" HEAD > "$private/answer" 2>&1 < /dev/null || {
    tail -n 5 "$private/answer" >&2
    fail "$address cannot be read. Its token or key must open this very repository, and the server's host key must be in $known."
  }
done < "$private/list"
while read -r address folder revision; do
  folder=${folder:-/app/$(name_of "$address")}
  if [ ! -d "$folder/.git" ] && [ -n "$(ls -A "$folder" 2> /dev/null)" ]; then fail "$folder holds something else already."; fi
  git init --quiet "$folder"
  reach "$address" -C "$folder" fetch --quiet --depth 1 "$address" "${revision:-HEAD}" < /dev/null ||
    fail "$address has no ${revision:-HEAD} that could be fetched."
  git -C "$folder" -c advice.detachedHead=false checkout --quiet --force FETCH_HEAD
  echo "fetch-code: $address at $(git -C "$folder" rev-parse HEAD) in $folder" >&2
done < "$private/list"
EOF
ENTRYPOINT ["/usr/local/bin/start"]
CMD ["python3"]

FROM flavor-runtime AS flavor-compile

FROM flavor-runtime AS flavor-notebook
ENV JUPYTER_PATH=/opt/venv/share/jupyter
COPY --from=jupyter /opt/jupyter/ /opt/jupyter/
EXPOSE 8888
HEALTHCHECK --start-period=30s CMD ["/opt/jupyter/bin/healthy"]
CMD ["/opt/jupyter/bin/notebook"]

FROM flavor-runtime AS flavor-ssh
COPY --chmod=755 <<'EOF' /usr/local/bin/ssh-server
#!/bin/sh
# An ssh server that lets in whoever holds one of the keys, as the user that it runs as, and nobody else.
set -eu
umask 077
fail() {
  echo "ssh-server: $*" >&2
  exit 78
}
[ "$(id -u)" != 0 ] || fail 'not as root, because whoever logs in would be root too. Leave out --user, or give it a number other than 0.'
user=$(id -un 2> /dev/null) || fail "the user $(id -u) has no name in this image; run it as 10001."
place=$(mktemp -d) || fail 'no folder for temporary files can be written: mount one at /tmp.'
# A file that was given and cannot be read would be passed over without a word, and another key taken in its place.
readable() {
  if [ -e "$2" ] && [ ! -r "$2" ]; then
    fail "$2 cannot be read by the user $(id -u). Make it that user's own (chown $(id -u)), or its group's (fsGroup)."
  elif [ ! -e "$2" ] && printenv "$1" > /dev/null; then
    fail "$1 names $2, which is not there."
  fi
}
keys=${AUTHORIZED_KEYS_FILE:-/run/secrets/authorized_keys}
readable AUTHORIZED_KEYS_FILE "$keys"
{
  if [ -e "$keys" ]; then cat "$keys"; fi
  printf '\n%s\n' "${SSH_AUTHORIZED_KEYS:-}"
} > "$place/authorized_keys"
ssh-keygen -l -f "$place/authorized_keys" > "$place/fingerprints" 2> /dev/null ||
  fail 'nobody could log in. Mount public keys as /run/secrets/authorized_keys, or give them as SSH_AUTHORIZED_KEYS.'
# A key of one's own keeps the server's identity over restarts; without one it is new with each start.
host_key=${SSH_HOST_KEY_FILE:-/run/secrets/ssh_host_ed25519_key}
readable SSH_HOST_KEY_FILE "$host_key"
if [ -e "$host_key" ]; then
  { cat "$host_key"; echo; } > "$place/host_key"
  ssh-keygen -y -P '' -f "$place/host_key" > /dev/null 2>&1 ||
    fail "$host_key is no private key, or one with a passphrase. Make one: ssh-keygen -t ed25519 -N '' -f ssh_host_ed25519_key"
else
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$place/host_key"
fi
# What the image sets is meant for logins too; what else was given to this container, perhaps a secret, is not.
variables=
for name in PATH VIRTUAL_ENV LANG LD_LIBRARY_PATH PYTHONPATH NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES CUDA_VISIBLE_DEVICES; do
  value=$(printenv "$name" || true)
  case $value in '' | *[\"\\]*) ;; *) variables="$variables \"$name=$value\"" ;; esac
done
# StrictModes would look at /tmp; the files lie in a folder that was made a moment ago and is this user's alone.
cat > "$place/config" <<CONFIG
Port ${PORT:-2222}
HostKey $place/host_key
AuthorizedKeysFile $place/authorized_keys
AuthenticationMethods publickey
AllowUsers $user
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
X11Forwarding no
AllowAgentForwarding no
PermitTunnel no
PermitUserEnvironment no
MaxAuthTries 3
LogLevel VERBOSE
Subsystem sftp internal-sftp
SetEnv$variables
CONFIG
echo "ssh-server: $user on port ${PORT:-2222}, host key $(ssh-keygen -l -f "$place/host_key" | cut -d ' ' -f 2), lets in:" >&2
cat "$place/fingerprints" >&2
exec /usr/sbin/sshd -D -e -f "$place/config"
EOF
EXPOSE 2222
CMD ["/usr/local/bin/ssh-server"]

# Seldom changed layers first: a runtime unpacks in this order.
FROM flavor-${FLAVOR} AS image
USER 10001:10001
COPY --link --from=cudnn /layer/ /
COPY --link --from=cublas /layer/ /
COPY --link --from=cuda /layer/ /
COPY --link --from=nccl /layer/ /
COPY --link --from=torch /layer/ /
COPY --link --from=companions /layer/ /
COPY --link --from=own /layer/ /
COPY --link --from=extensions /layer/ /
COPY --link --chown=10001:10001 . /app/
