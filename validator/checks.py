"""Every module of checks, in the order of their tiers. Importing this fills the catalog."""

import checks_contents  # noqa: F401
import checks_linkage  # noqa: F401
import checks_devices  # noqa: F401
import checks_kernels  # noqa: F401
import checks_numerics  # noqa: F401
import checks_compile  # noqa: F401
import checks_collectives  # noqa: F401
import checks_memory  # noqa: F401
import checks_throughput  # noqa: F401
