# What wheels are laid upon: the base image with an empty environment, and the user that the image runs as.
#
# Everything that needs a file system to stand on happens here, once per base image and platform. Packages lie in a folder
# whose name has no Python version, and the interpreter's own site-packages is a link to it, as deep in the tree as the
# folder is.
#
# Nothing of the image's platform is run: this machine's own base image makes the files, which are the same for every
# architecture, and reads what it must know of the other one from its files.
ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS base

FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS machine
ARG BUILDPLATFORM TARGETPLATFORM
USER 0:0
RUN --mount=type=bind,from=base,target=/base <<'END'
set -eu
if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 9))'; then
  echo 'The base image must have python3 3.9 or newer, with venv (on Debian and Ubuntu: python3-venv).' >&2
  exit 1
fi
if [ "$(python3 -c 'import platform; print(platform.libc_ver()[0])')" != glibc ]; then
  echo 'The base image has a C library other than glibc, as Alpine does, and PyTorch has no wheels for it: take one of Debian or Ubuntu.' >&2
  exit 1
fi
python3 -m venv --without-pip /opt/venv
mkdir -p /foundation/opt
mv /opt/venv /foundation/opt/venv
cd /foundation/opt/venv
python=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
# The full version, for those who make bytecode: pyvenv.cfg leaves out what stands behind a plus sign in some of them.
# Where the image's Python is not the one of this machine's base image, that one stands in a second line.
python3 - > python-version <<'PYTHON'
import os, pathlib, platform, re, sys, sysconfig

own = platform.python_version()
found = {own}
if os.environ['BUILDPLATFORM'] != os.environ['TARGETPLATFORM']:
    base = pathlib.Path('/base')
    program = os.path.realpath(sys.executable)
    # Bytes 18 and 19 of a program say its machine: a base image for this machine alone would be taken as it is.
    machine = {'linux/amd64': 62, 'linux/arm64': 183}.get(os.environ['TARGETPLATFORM'])
    file = base / program[1:]
    if not file.is_file() or int.from_bytes(file.read_bytes()[18:20], 'little') != machine:
        sys.exit(f'The base image has no {program} for {os.environ["TARGETPLATFORM"]}.')
    # It ends a text in the program, or in the library that it is made of.
    library = sysconfig.get_config_var('INSTSONAME') or 'none'
    folders = [sys.base_prefix[1:] + '/lib', 'usr/local/lib', 'usr/lib', 'usr/lib/*']
    files = [file, *(file for folder in folders for file in base.glob(f'{folder}/{library}'))]
    sign = re.compile(rb'(?<![\d.])(3\.%d\.\d+(?:(?:a|b|rc)\d+)?\+?)\0' % sys.version_info[1])
    found = {text.decode() for file in files if file.is_file() for text in sign.findall(file.read_bytes())}
    if len(found) != 1:
        sys.exit(f'Which Python the base image has for {os.environ["TARGETPLATFORM"]} cannot be read from its files.')
[version] = found
print(version)
if version != own:
    print(own)
    config = pathlib.Path('pyvenv.cfg')
    config.write_text(re.sub(r'(?m)^version = .*$', f'version = {version}', config.read_text()))
PYTHON
mkdir -p lib/python/site-packages include/site/python share
rmdir "lib/$python/site-packages"
ln -s ../python/site-packages "lib/$python/site-packages"
ln -s python "include/site/$python"
# Packages that the user installs later lie in its home and come behind the image's own: they add, and replace nothing.
cat > lib/python/site-packages/user-site.pth <<'PTH'
import site; site.ENABLE_USER_SITE = site.check_enableusersite(); site.ENABLE_USER_SITE and site.addsitedir(site.getusersitepackages())
PTH
cd /foundation
mkdir -p etc app home/app
for file in group passwd; do cp -p "/base/etc/$file" "etc/$file" 2> /dev/null || : > "etc/$file"; done
if ! grep -q '^[^:]*:[^:]*:10001:' etc/group; then echo 'app:x:10001:' >> etc/group; fi
if ! grep -q '^[^:]*:[^:]*:10001:' etc/passwd; then echo 'app:x:10001:10001::/home/app:/bin/sh' >> etc/passwd; fi
chown 10001:10001 app home/app
# The same files at any time: one fixed time for all.
find . -exec touch -h -d @315619200 {} +
END

FROM base
USER 0:0
COPY --from=machine /foundation/ /
