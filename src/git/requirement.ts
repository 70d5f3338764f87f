/** `name @ git+https://host/owner/repository@ref#subdirectory=…`, in a requirements file, `pyproject.toml` or `uv.lock`. */
const DIRECT = /\bgit\+([a-z]+:\/\/[^\s"'#;?,\]}]+)/g

/** `kernels = { git = "https://…", rev = "…" }` of `[tool.uv.sources]`, and the source of a package in `uv.lock`. */
const SOURCE = /\bgit\s*=\s*["']([^"'#?]+)/g

/** Everything behind the last `@` after the host: uv and pip take it for the wanted commit, branch or tag. */
const REVISION = /^([a-z]+:\/\/[^/]+\/.*?)@[^@]*$/

/** The repositories that a file of requirements names, each once, as git is asked for them. Comments count for nothing. */
export function gitAddressesIn(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter(line => !line.trimStart().startsWith('#'))
  const direct = lines.flatMap(line => [...line.matchAll(DIRECT)].map(([, address = '']) => withoutRevision(address)))
  const sources = lines.flatMap(line => [...line.matchAll(SOURCE)].map(([, address = '']) => address))
  return [...new Set([...direct, ...sources])]
}

function withoutRevision(address: string): string {
  return REVISION.exec(address)?.[1] ?? address
}
