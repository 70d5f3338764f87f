# The code of the build context upon a runtime that was assembled from wheels.
#
# Nothing here needs the layers below: one RUN, WORKDIR or COPY without --link would have a builder fetch and unpack all
# of PyTorch. Working directory, user, PATH and command come with the runtime.
FROM runtime
COPY --link --chown=10001:10001 . /app/
