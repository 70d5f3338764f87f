# What wheels are laid upon: the base image with an empty environment, and the user that the image runs as.
#
# Everything that needs a file system to stand on happens here, once per base image. Packages lie in a folder whose name
# has no Python version, and the interpreter's own site-packages is a link to it, as deep in the tree as the folder is.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
USER 0:0
RUN <<'END'
set -eu
if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 9))'; then
  echo 'The base image must have python3 3.9 or newer, with venv (on Debian and Ubuntu: python3-venv).' >&2
  exit 1
fi
python3 -m venv --without-pip /opt/venv
cd /opt/venv
python=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
# The full version, for those who make bytecode: pyvenv.cfg leaves out what stands behind a plus sign in some of them.
python3 -c 'import platform; print(platform.python_version())' > python-version
mkdir -p lib/python/site-packages include/site/python share
rmdir "lib/$python/site-packages"
ln -s ../python/site-packages "lib/$python/site-packages"
ln -s python "include/site/$python"
# Packages that the user installs later lie in its home and come behind the image's own: they add, and replace nothing.
cat > lib/python/site-packages/user-site.pth <<'PTH'
import site; site.ENABLE_USER_SITE = site.check_enableusersite(); site.ENABLE_USER_SITE and site.addsitedir(site.getusersitepackages())
PTH
if ! grep -q '^[^:]*:[^:]*:10001:' /etc/group; then echo 'app:x:10001:' >> /etc/group; fi
if ! grep -q '^[^:]*:[^:]*:10001:' /etc/passwd; then echo 'app:x:10001:10001::/home/app:/bin/sh' >> /etc/passwd; fi
mkdir -p /app /home/app
chown 10001:10001 /app /home/app
# The same files at any time: one fixed time for all that was touched.
find /opt/venv /opt /etc /home /app -maxdepth 0 -exec touch -h -d @315619200 {} +
find /opt/venv /home/app /etc/passwd /etc/group -exec touch -h -d @315619200 {} +
END
