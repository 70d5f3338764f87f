import {createHash} from 'node:crypto'
import {type Reply, type Seen, scriptServer} from '../host/scripted-server.ts'
import {bytesOfWheel, nameOfWheel, type TestWheel} from './small-wheels.ts'

/** What an index has beside an address. */
export interface IndexOptions {
  /** Wheels that it serves from the beginning. */
  readonly wheels?: readonly TestWheel[]
  /** Who is let in; everyone where nothing is said. */
  readonly login?: {readonly user: string; readonly password: string}
}

/** A package index on 127.0.0.1 of wheels that are made by the test, with a page for each project. */
export interface WheelIndex {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  /** `http://127.0.0.1:<port>/simple`; `/whl/cu128` in its place serves the same, as an index of PyTorch alone. */
  readonly url: string
  /** Names of the wheels that were fetched, one for each request, since the last time that this was asked. */
  fetched(): readonly string[]
  /** Every request so far, and whether it came with the login. */
  asked(): readonly {readonly path: string; readonly isLoggedIn: boolean}[]
  /** The wheel of a project: its address and hash, for a lock that is written by hand. */
  wheelOf(project: string): {readonly url: string; readonly sha256: string; readonly size: number}
  /**
   * A lock (PEP 751) of wheels, with this index's addresses; they are served from now on. Wheels of one project are one
   * package.
   */
  lockOf(wheels: readonly TestWheel[], python: string): string
  /** What is done with the next request for the wheel of a project. */
  once(project: string, reply: (bytes: Uint8Array) => Reply): void
  close(): Promise<void>
}

/** A wheel at its address. */
interface Served {
  readonly project: string
  readonly path: string
  readonly bytes: Uint8Array
  /** What the index says of it. */
  readonly sha256: string
}

const JSON_PAGE = 'application/vnd.pypi.simple.v1+json'

/** Opens an index. */
export async function openWheelIndex({wheels = [], login}: IndexOptions = {}): Promise<WheelIndex> {
  const served = new Map<string, Served>()
  const faults: {readonly project: string; readonly reply: (bytes: Uint8Array) => Reply}[] = []
  let told = 0
  const serve = (wheel: TestWheel): Served => {
    const bytes = bytesOfWheel(wheel)
    const sha256 = hashOf(wheel.lockedAs ?? bytes)
    const path = `/${sha256.slice(0, 8)}/${nameOfWheel(wheel)}`
    const one = {project: wheel.project, path, bytes: wheel.sent ?? bytes, sha256}
    served.set(path, one)
    return one
  }
  const isLoggedIn = ({headers}: Seen) => login === undefined || headers.authorization === basicOf(login)
  const server = await scriptServer(seen => {
    if (!isLoggedIn(seen)) return {status: 401, headers: {'www-authenticate': 'Basic realm="index"'}}
    const project = /^\/(?:simple|whl\/cu\d+)\/([^/]+)\/$/.exec(seen.path)?.[1]
    if (project !== undefined) {
      return pageOf(
        [...served.values()].filter(one => one.project === project),
        seen
      )
    }
    const one = served.get(seen.path)
    if (one === undefined) return {status: 404}
    const at = faults.findIndex(fault => fault.project === one.project)
    const [fault] = at < 0 ? [] : faults.splice(at, 1)
    if (fault !== undefined) return fault.reply(one.bytes)
    const from = Number(/^bytes=(\d+)-$/.exec(seen.headers.range ?? '')?.[1] ?? 0)
    return {status: from === 0 ? 200 : 206, body: one.bytes.subarray(from)}
  })
  const urlOf = ({path}: Served) => `http://${server.host}${path}`
  for (const wheel of wheels) serve(wheel)
  return {
    host: server.host,
    url: `http://${server.host}/simple`,
    fetched() {
      const fresh = server.seen.slice(told)
      told = server.seen.length
      return fresh.map(({path}) => path.split('/').at(-1) ?? '').toSorted()
    },
    asked: () => server.seen.map(seen => ({path: seen.path, isLoggedIn: isLoggedIn(seen)})),
    wheelOf(project) {
      const one = [...served.values()].find(each => each.project === project)
      if (one === undefined) throw new Error(`The index has no ${project}`)
      return {url: urlOf(one), sha256: one.sha256, size: one.bytes.length}
    },
    lockOf(locked, python) {
      const entries = new Map<string, string[]>()
      for (const wheel of locked) {
        const one = serve(wheel)
        const head = `[[packages]]\nname = "${wheel.project}"\nversion = "${wheel.version}"`
        const file = `{ url = "${urlOf(one)}", size = ${one.bytes.length}, hashes = { sha256 = "${one.sha256}" } }`
        entries.set(head, [...(entries.get(head) ?? []), file])
      }
      const packages = [...entries].map(([head, files]) => `${head}\nwheels = [${files.join(', ')}]\n`)
      return `lock-version = "1.0"\ncreated-by = "test"\nrequires-python = ">=${python}"\n\n${packages.join('\n')}`
    },
    once: (project, reply) => void faults.push({project, reply}),
    close: server.close
  }
}

/** The page of a project: JSON (PEP 691) for those who take nothing else, HTML (PEP 503) for all others. */
function pageOf(wheels: readonly Served[], {headers}: Seen): Reply {
  if (wheels.length === 0) return {status: 404}
  const named = wheels.map(one => ({...one, filename: one.path.split('/').at(-1) ?? ''}))
  if (headers.accept === JSON_PAGE) {
    const files = named.map(({filename, path, sha256}) => ({filename, url: path, hashes: {sha256}}))
    return {status: 200, headers: {'content-type': JSON_PAGE}, body: JSON.stringify({files})}
  }
  const links = named.map(({filename, path, sha256}) => `<a href="${path}#sha256=${sha256}">${filename}</a>`)
  return {status: 200, headers: {'content-type': 'text/html'}, body: `<!DOCTYPE html>${links.join('\n')}`}
}

function basicOf({user, password}: {readonly user: string; readonly password: string}): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
