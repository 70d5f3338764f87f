import type {Host} from '../host/host.ts'
import {imageText, isSameImage} from '../image/reference.ts'
import {packageRegistryOf} from '../image/registries.ts'
import type {EventFacts, Origin} from '../model/event.ts'
import type {ImageName, Inputs} from '../model/inputs.ts'
import {nearestOf} from '../model/nearest.ts'
import {type Explanation, Problem} from '../model/problem.ts'
import {conflictsOf} from './conflicts.ts'
import {keepKnownSecrets} from './environment-secrets.ts'
import {INPUT_ROWS, INPUTS, type InputRow, type ReadInputs} from './inputs.ts'
import {loginsOfBareToken} from './parse/credentials.ts'
import type {Desk} from './parse/desk.ts'
import {checkHosts} from './parse/ssh-keys.ts'

/** Events whose jobs see no secrets, or another store of them: an empty one is nobody's mistake there. */
const WITHOUT_SECRETS: readonly Origin[] = ['fork-pull-request', 'dependabot']
/** Whatever Dependabot starts sees Dependabot's own secrets, `pull_request_target` too. */
const DEPENDABOT = 'dependabot[bot]'

/** What users of docker's and other actions write, and what it is called here. */
const FAMILIAR: Readonly<Record<string, string>> = {
  dockerfile: 'file',
  platform: 'platforms',
  registry: 'image',
  images: 'image',
  username: 'registry-credentials',
  password: 'registry-credentials',
  'cache-from': 'cache',
  'cache-to': 'cache',
  'secret-files': 'secrets',
  'secret-envs': 'secrets',
  'github-token': 'token',
  'ssh-key': 'ssh-keys',
  'ssh-private-key': 'ssh-keys',
  'ssh-known-hosts': 'known-hosts',
  'ssh-strict': 'known-hosts',
  annotations: 'labels',
  'timeout-minutes': 'timeout',
  'torch-version': 'torch',
  'cuda-version': 'cuda',
  'python-version': 'python',
  'torch-cuda-arch-list': 'gpu-targets',
  gpus: 'gpu-targets'
}

/** Inputs as they were understood, with everything that was wrong with them. */
export interface InputsRead {
  readonly inputs: Inputs
  readonly problems: readonly Problem[]
}

/**
 * Reads every input once. Secrets first, so that they are recognised in all others.
 *
 * With problems the inputs are only what could be made of them, and nobody may act on them.
 */
export function readInputs(host: Host, event: EventFacts): InputsRead {
  const raw = Object.entries(host.inputs.raw()).map(([name, text]) => [name, text.trim()] as const)
  const texts = new Map(raw.filter(([, text]) => text !== ''))
  const problems: Problem[] = [...unknownNames([...texts.keys()])]
  const notices: string[] = []
  keepKnownSecrets(host)
  const deskFor = (input: string): Desk => makeDesk(input, {host, event, problems, notices})

  const values = new Map<string, unknown>()
  for (const [field, row] of rowsSecretsFirst()) {
    const text = texts.get(row.name) ?? defaultOf(row)
    if (text !== '') values.set(field, row.parse(text, deskFor(row.name)))
  }
  const read = completed(values)
  const images = imagesOf(read, {event, texts, desk: deskFor('image')})
  checkHosts(read.sshKeys, read.knownHosts, deskFor('known-hosts'))
  const {bare, logins} = read.registryCredentials
  const fromBare = bare === undefined ? [] : loginsOfBareToken(bare, images, deskFor('registry-credentials'))
  const {index, ...others} = read
  const inputs: Inputs = {
    ...others,
    ...(index === undefined ? {} : {indexUrl: index.url}),
    ...(index?.login === undefined ? {} : {indexLogin: index.login}),
    images,
    registryCredentials: [...logins, ...fromBare],
    given: INPUTS.filter(row => isGiven(row, texts)).map(row => row.name),
    notices
  }
  const conflicts = problems.length > 0 ? [] : conflictsOf(inputs, event)
  return {inputs, problems: [...problems, ...conflicts]}
}

function rowsSecretsFirst(): readonly (readonly [string, InputRow])[] {
  const rows: readonly [string, InputRow][] = Object.entries(INPUT_ROWS)
  return [...rows.filter(([, row]) => row.isSecret), ...rows.filter(([, row]) => !row.isSecret)]
}

/** The default as a text to parse; an expression is the runner's to fill in, and an empty one means there is nothing. */
function defaultOf(row: InputRow): string {
  return row.default.includes('${{') ? '' : row.default
}

/** The runner hands defaults over like values: what equals one, or is filled in by an expression, is no wish. */
function isGiven(row: InputRow, texts: ReadonlyMap<string, string>): boolean {
  return defaultOf(row) === row.default && texts.has(row.name) && texts.get(row.name) !== row.default
}

/** Fields that hold a list or a table: a new one does not compile until it stands here. `cache` has a default to read. */
type Empty = {
  readonly [K in keyof Omit<ReadInputs, 'cache'> as undefined extends ReadInputs[K]
    ? never
    : ReadInputs[K] extends object
      ? K
      : never]: ReadInputs[K]
}

/** Fields that a fault or an empty text left out: lists are empty then, the rest is absent. */
function completed(values: ReadonlyMap<string, unknown>): ReadInputs {
  const empty: Empty = {
    optIn: [],
    images: [],
    tags: [],
    labels: [],
    platforms: [],
    buildArgs: [],
    buildContexts: [],
    secrets: [],
    ssh: [],
    buildxArgs: [],
    gpuTargets: [],
    requirements: [],
    aptPackages: [],
    extensions: {folders: [], packages: []},
    gpuDevices: [],
    gpuFloors: {},
    gpuReports: [],
    gitCredentials: [],
    sshKeys: [],
    knownHosts: [],
    registryCredentials: {logins: []}
  }
  const read = [...values].filter(([, value]) => value !== undefined)
  return {...empty, ...Object.fromEntries(read)} as unknown as ReadInputs
}

/** The images to push to: those of `image`, else those that `tags` names, else the repository's own. */
function imagesOf(
  read: ReadInputs,
  {event, texts, desk}: {event: EventFacts; texts: ReadonlyMap<string, string>; desk: Desk}
): readonly ImageName[] {
  const named = read.tags.flatMap(({image}) => (image === undefined ? [] : [image]))
  const own = read.images.length > 0 || named.length > 0 || texts.has('image') ? [] : [ownImage(event, desk)]
  return [...read.images, ...named, ...own].filter(
    (image, at, all) => all.findIndex(other => isSameImage(image, other)) === at
  )
}

function ownImage(event: EventFacts, desk: Desk): ImageName {
  const path = `${event.repository.owner}/${event.repository.name}`
  // Repositories may have names that images may not: capitals, and `.`, `_` or `-` side by side or at an end.
  const repository = path
    .toLowerCase()
    .split('/')
    .map(part => part.replaceAll(/^[._-]+|[._-]+$/g, '').replaceAll(/\.[._-]+|_[.-]+|_{3,}|-+[._]+/g, '-'))
    .join('/')
  const image = {registry: packageRegistryOf(event.serverUrl), repository}
  if (repository !== path) desk.notice(`The image is ${imageText(image)}: registries take no name such as ${path}.`)
  return image
}

function unknownNames(names: readonly string[]): readonly Problem[] {
  const known = INPUTS.map(row => row.name)
  const strangers = names.filter(name => !known.includes(name))
  return strangers.map(name => {
    const familiar = Object.hasOwn(FAMILIAR, name) ? FAMILIAR[name] : undefined
    const nearest = familiar ?? nearestOf(name, known)
    return new Problem('input-unknown', {
      what: `There is no input \`${name}\`.`,
      why: 'GitHub only warns about it and hands it over; what was meant by it would silently not happen.',
      fix:
        nearest === undefined
          ? `Take \`${name}\` out. The inputs are: ${known.join(', ')}.`
          : `Did you mean \`${nearest}\`?`
    })
  })
}

function makeDesk(
  input: string,
  {host, event, problems, notices}: {host: Host; event: EventFacts; problems: Problem[]; notices: string[]}
): Desk {
  return {
    input,
    env: host.env,
    actor: event.actor,
    isWithoutSecrets: WITHOUT_SECRETS.includes(event.origin) || event.actor === DEPENDABOT,
    fault: (explanation: Explanation) => void problems.push(new Problem('input-invalid', explanation)),
    notice: sentence => {
      if (!notices.includes(sentence)) notices.push(sentence)
    },
    keep: (name, value) => host.secrets.keep(name, value),
    find: text => host.secrets.find(text)
  }
}
