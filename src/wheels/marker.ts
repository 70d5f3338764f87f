/** The environment that a marker is asked about, by the names of PEP 508. */
export type MarkerEnvironment = Readonly<Record<string, string>>

/** BuildKit's platforms in the words of Python. */
const MACHINES: Readonly<Record<string, string>> = {'linux/amd64': 'x86_64', 'linux/arm64': 'aarch64'}

/** What markers see in a Linux image with CPython; undefined for a platform that wheels have no name for. */
export function markerEnvironment(platform: string, python: string): MarkerEnvironment | undefined {
  const machine = MACHINES[platform]
  if (machine === undefined) return undefined
  return {
    os_name: 'posix',
    sys_platform: 'linux',
    platform_system: 'Linux',
    platform_machine: machine,
    platform_python_implementation: 'CPython',
    implementation_name: 'cpython',
    python_version: python.split('.').slice(0, 2).join('.'),
    python_full_version: python
  }
}

/** Compared as versions, and not letter by letter. */
const VERSIONS: ReadonlySet<string> = new Set(['python_version', 'python_full_version'])
const TOKEN = /\s*(?:(\(|\)|and\b|or\b|not\s+in\b|in\b|[<>=!~]=?=?)|'([^']*)'|"([^"]*)"|([a-z_]+))/y

type Token = {readonly kind: 'word' | 'text' | 'name'; readonly value: string}

/** Whether a marker holds; undefined where it asks something that cannot be told here. */
export function markerHolds(marker: string, environment: MarkerEnvironment): boolean | undefined {
  const tokens = tokensOf(marker)
  if (tokens === undefined) return undefined
  let at = 0
  const isNext = (value: string) => tokens[at]?.kind === 'word' && tokens[at]?.value === value

  function either(): boolean | undefined {
    let holds = both()
    while (isNext('or')) {
      at += 1
      const next = both()
      holds = holds === undefined || next === undefined ? undefined : holds || next
    }
    return holds
  }

  function both(): boolean | undefined {
    let holds = one()
    while (isNext('and')) {
      at += 1
      const next = one()
      holds = holds === undefined || next === undefined ? undefined : holds && next
    }
    return holds
  }

  function one(): boolean | undefined {
    if (isNext('(')) {
      at += 1
      const holds = either()
      if (!isNext(')')) return undefined
      at += 1
      return holds
    }
    const [left, operator, right] = tokens?.slice(at, at + 3) ?? []
    at += 3
    if (left === undefined || operator?.kind !== 'word' || right === undefined) return undefined
    return compare({left, operator: operator.value, right, environment})
  }

  const holds = either()
  return at === tokens.length ? holds : undefined
}

function tokensOf(marker: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < marker.trimEnd().length) {
    const found = TOKEN.exec(marker)
    if (found === null) return undefined
    const [, word, single, double, name] = found
    if (word !== undefined) tokens.push({kind: 'word', value: word.replace(/\s+/, ' ')})
    else if (name !== undefined) tokens.push({kind: 'name', value: name})
    else tokens.push({kind: 'text', value: single ?? double ?? ''})
  }
  return tokens
}

function compare({
  left,
  operator,
  right,
  environment
}: {
  left: Token
  operator: string
  right: Token
  environment: MarkerEnvironment
}): boolean | undefined {
  const saidBy = ({kind, value}: Token) => (kind === 'name' ? environment[value] : value)
  const [one, other] = [saidBy(left), saidBy(right)]
  if (one === undefined || other === undefined) return undefined
  if (operator === 'in') return other.includes(one)
  if (operator === 'not in') return !other.includes(one)
  const isVersion = [left, right].some(({kind, value}) => kind === 'name' && VERSIONS.has(value))
  const order = isVersion ? versionOrder(one, other) : one < other ? -1 : one > other ? 1 : 0
  return order === undefined ? undefined : ORDERS[operator]?.(order)
}

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '==': order => order === 0,
  '!=': order => order !== 0,
  '<': order => order < 0,
  '<=': order => order <= 0,
  '>': order => order > 0,
  '>=': order => order >= 0
}

/** Plain numbers only; a wildcard or a prerelease is left to those who know all of PEP 440. */
function versionOrder(one: string, other: string): number | undefined {
  if (![one, other].every(text => /^\d+(?:\.\d+)*$/.test(text))) return undefined
  const [ones, others] = [one.split('.').map(Number), other.split('.').map(Number)]
  for (let at = 0; at < Math.max(ones.length, others.length); at++) {
    const difference = (ones[at] ?? 0) - (others[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
