import {isAbsolute, join, relative} from 'node:path/posix'
import {isRemoteContext} from '../git/remote-context.ts'
import type {Host} from '../host/host.ts'
import type {EventFacts, InputRoot} from '../model/event.ts'
import type {RunPaths} from '../model/facts.ts'
import type {Inputs} from '../model/inputs.ts'
import {isRepository} from './origin-url.ts'
import {type Holding, judgeDirectory} from './working-tree.ts'

/** What `gatherRoots` goes by. */
export interface RootsRequest {
  readonly inputs: Inputs
  readonly event: EventFacts
  readonly paths: RunPaths
}

interface Judging {
  readonly event: EventFacts
  readonly host: Host
  /** Without links. */
  readonly workspace: string
  /** A directory is asked about once, however many inputs name it. */
  readonly asked: Map<string, Promise<Holding>>
}

const IMAGE = 'docker-image://'
const LAYOUT = 'oci-layout://'
const GIT_URL = /^(?:git:\/\/|git@|ssh:\/\/|https?:\/\/.*\.git(?:#|$)|github\.com\/)/i

/** Every source of build input, each with whom it belongs to: the workspace, and what inputs name besides. */
export async function gatherRoots({inputs, event, paths}: RootsRequest, host: Host): Promise<readonly InputRoot[]> {
  const workspace = (await host.files.realPath(paths.workspace)) ?? paths.workspace
  const judging: Judging = {event, host, workspace, asked: new Map()}
  const places: [string, string][] = [['workspace', '.']]
  if (inputs.context !== '.') places.push(['context', inputs.context])
  if (inputs.file !== undefined && !isRemoteContext(inputs.context)) places.push(['Dockerfile', inputs.file])
  if (inputs.lock !== undefined) places.push(['lock', inputs.lock])
  for (const {name, location} of inputs.buildContexts) places.push([`context \`${name}\``, location])
  return Promise.all(
    places.map(async ([root, place]) => ({root, place: shown(place, workspace), ...(await judgePlace(place, judging))}))
  )
}

function judgePlace(place: string, judging: Judging): Promise<Holding> | Holding {
  if (place.startsWith(IMAGE)) return judgeImage(place)
  if (place.startsWith(LAYOUT)) return judgePath(place.slice(LAYOUT.length).replace(/[:@].*$/, ''), judging)
  return isRemoteContext(place) ? judgeRemote(place, judging) : judgePath(place, judging)
}

/**
 * An image is what any `FROM` line may name as well: whoever writes the workflow or the Dockerfile chooses it, and it
 * brings its own trust along. So it takes nothing away, pinned or not.
 */
function judgeImage(place: string): Holding {
  const isPinned = place.includes('@sha256:')
  return {
    holds: 'event',
    because: isPinned
      ? 'The workflow names this very image by digest.'
      : 'The workflow names the image, as a `FROM` line would.'
  }
}

function judgeRemote(place: string, {event}: Judging): Holding {
  const [url = '', fragment = ''] = place.split('#')
  const [ref = ''] = fragment.split(':')
  const full = url.startsWith('github.com/') ? `https://${url}` : url
  const name = `${event.repository.owner}/${event.repository.name}`
  const isOwn = GIT_URL.test(place) && isRepository(full, {serverUrl: event.serverUrl, name})
  if (isOwn && ref.toLowerCase() === event.sha) {
    return {holds: 'event', because: 'The builder fetches the very commit of this event.'}
  }
  return {holds: 'unknown', because: 'The builder fetches it from elsewhere, so who wrote it cannot be told.'}
}

async function judgePath(place: string, judging: Judging): Promise<Holding> {
  const {host, workspace, event} = judging
  const asked = isAbsolute(place) ? place : join(workspace, place)
  const real = await host.files.realPath(asked)
  // What is missing is reported where it is needed; a submodule that we fetch comes at the commit that the tree names.
  const path = real ?? asked
  if (!isWithin(path, workspace)) {
    return {holds: 'unknown', because: 'It lies outside the workspace, so who put it there cannot be told.'}
  }
  const directory = await directoryOf(path, judging)
  const known = judging.asked.get(directory) ?? judgeDirectory({path: directory, workspace}, event, host)
  judging.asked.set(directory, known)
  return known
}

/** The directory to ask about: the path's own, or the nearest one above that exists. */
async function directoryOf(path: string, {host, workspace}: Judging): Promise<string> {
  for (let at = path; at.length > workspace.length; at = at.slice(0, at.lastIndexOf('/'))) {
    if ((await host.files.kindOf(at)) === 'directory') return at
  }
  return workspace
}

function isWithin(path: string, workspace: string): boolean {
  const way = relative(workspace, path)
  return way === '' || (!way.startsWith('../') && way !== '..' && !isAbsolute(way))
}

function shown(place: string, workspace: string): string {
  return place === '.' ? workspace : place.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}
