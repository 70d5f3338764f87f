import {parse as parseVersion} from 'semver'
import {imageText, tagSlug} from '../image/reference.ts'
import type {EventFacts, Origin} from '../model/event.ts'
import type {Facts} from '../model/facts.ts'
import type {TagRequest} from '../model/inputs.ts'
import type {Tag} from '../model/work-release.ts'
import {permit} from './permit.ts'
import type {Variant} from './variant.ts'

/** The names that a run gives its image. */
export interface Naming {
  /** Immutable ones first, moving ones last: a crash in between leaves moving tags on the old image. */
  readonly tags: readonly Tag[]
  /** For `org.opencontainers.image.version`: the name without variant. */
  readonly version: string
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

/** Names without variant: what stays for ever, and what moves on. */
interface Names {
  readonly immutable: readonly string[]
  readonly moving: readonly string[]
}

const LONGEST_TAG = 128
const SHA_LENGTH = 12

/** How each origin names its image. Origins that may not push are named as well, so that the plan can show it. */
const NAMING: {readonly [O in Origin]: (event: EventFacts) => Names} = {
  'own-branch': namePush,
  'own-tag': nameTag,
  'deleted-branch': nameRef,
  'own-pull-request': namePullRequest,
  'fork-pull-request': namePullRequest,
  dependabot: namePullRequest,
  'pull-request-target': namePullRequest,
  'workflow-run': nameRef,
  'foreign-workflow-run': nameRef,
  dispatch: nameRef,
  schedule: nameNight,
  release: nameTag,
  'merge-queue': nameQueued,
  'repository-dispatch': nameRef,
  comment: nameRef,
  bystander: nameRef,
  unknown: nameRef
}

/** Origins whose image is always named by its number: the code is not what any other name promises. */
const NUMBERED: readonly Origin[] = [
  'own-pull-request',
  'fork-pull-request',
  'dependabot',
  'pull-request-target',
  'merge-queue'
]

/** The tags of this run: those the user asked for, as far as the event may write them, else those of the event. */
export function nameImage(facts: Facts, variant: Variant): Naming {
  const {event} = facts
  const asked = NUMBERED.includes(event.origin) ? undefined : nameAsAsked(facts)
  if (asked !== undefined && asked.tags.length > 0) return asked
  const names = NAMING[event.origin](event)
  const {immutable, moving} = names
  const [version = event.sha] = event.refType === 'tag' ? [...immutable, ...moving] : [...moving, ...immutable]
  return {
    tags: distinct([...withVariant(names, variant), ...bare(names, variant)]),
    version,
    notices: asked?.notices ?? [],
    warnings: asked?.warnings ?? []
  }
}

function nameAsAsked(facts: Facts): Naming {
  const {event, inputs} = facts
  const verdict = permit(facts, 'move-tags')
  const isPrereleases = ({tag}: TagRequest) => tag === 'latest' && isPrerelease(event)
  // Names of other branches and of the repository stay where they are; its own name a branch may move.
  const isOthers = ({tag}: TagRequest) =>
    verdict.code === 'unprotected-ref' && !isVersionLike(tag) && !isOwnName(tag, event)
  const kept = inputs.tags.filter(request => !isPrereleases(request) && !isOthers(request))
  const left = inputs.tags.filter(request => !isPrereleases(request) && isOthers(request)).map(({tag}) => `\`${tag}\``)
  const tags = kept.map(({tag, image}): Tag => {
    const named = {tag, class: isVersionLike(tag) ? 'immutable' : 'moving'} as const
    return image === undefined ? named : {...named, image}
  })
  return {
    tags: distinct([...tags.filter(tag => tag.class === 'immutable'), ...tags.filter(tag => tag.class === 'moving')]),
    version: kept[0]?.tag ?? event.refName,
    notices: inputs.tags.some(isPrereleases) ? [`\`latest\` was left out: ${event.refName} is a prerelease.`] : [],
    warnings:
      left.length === 0
        ? []
        : [
            `Left out of \`tags\`: ${[...new Set(left)].join(', ')}. ${verdict.because} Protect the branch, or let its tags begin with \`branch-${tagSlug(event.refName)}\`.`
          ]
  }
}

/** `branch-x`, `x` and what begins so, for the branch `x`; never a name that stands for more than a branch. */
function isOwnName(tag: string, {refType, refName, repository}: EventFacts): boolean {
  if (refType !== 'branch') return false
  const slug = tagSlug(refName)
  const isTaken = slug === repository.defaultBranch || /^(?:latest|stable|nightly|v?\d+(?:\.\d+)*)$/.test(slug)
  const own = isTaken ? [`branch-${slug}`] : [`branch-${slug}`, slug]
  return own.some(name => tag === name || tag.startsWith(`${name}-`))
}

function withVariant(names: Names, {suffix}: Variant): readonly Tag[] {
  const longest = LONGEST_TAG - suffix.length
  const name = (text: string) => `${tagSlug(text, longest)}${suffix}`
  return [
    ...names.immutable.map((text): Tag => ({tag: name(text), class: 'immutable'})),
    ...names.moving.map((text): Tag => ({tag: name(text), class: 'moving'}))
  ]
}

/** Moving names without the variant, for the one image among its siblings that people get when they name none. */
function bare(names: Names, {suffix, isDefault}: Variant): readonly Tag[] {
  if (suffix === '' || !isDefault) return []
  return names.moving.map((text): Tag => ({tag: tagSlug(text), class: 'moving'}))
}

function namePush(event: EventFacts): Names {
  const names = nameRef(event)
  if (event.refName !== event.repository.defaultBranch) return names
  return {...names, immutable: [`sha-${event.sha.slice(0, SHA_LENGTH)}`]}
}

/**
 * A branch or tag as such, without its commit: a dispatch builds the same commit again, and a commit's name stands for
 * one image only.
 */
function nameRef(event: EventFacts): Names {
  if (event.refType === 'tag') return nameTag(event)
  const {refName, repository} = event
  if (refName === repository.defaultBranch) return {immutable: [], moving: [refName]}
  return {immutable: [], moving: [`branch-${refName}`]}
}

function nameTag({refName}: EventFacts): Names {
  const version = parseVersion(refName)
  if (version === null) return {immutable: [refName], moving: []}
  if (version.prerelease.length > 0) return {immutable: [version.version], moving: []}
  const {major, minor} = version
  // Below 1.0 each minor release may break: `0` would promise what nobody keeps.
  const series = major === 0 ? [`0.${minor}`] : [`${major}.${minor}`, `${major}`]
  return {immutable: [version.version], moving: [...series, 'latest']}
}

function namePullRequest({pullRequest, sha}: EventFacts): Names {
  if (pullRequest === undefined) return {immutable: [`sha-${sha.slice(0, SHA_LENGTH)}`], moving: []}
  return {immutable: [], moving: [`pr-${pullRequest.number}`]}
}

/** The dated name moves too: a schedule may run several times on one day. */
function nameNight({startedAt}: EventFacts): Names {
  const day = startedAt?.slice(0, 'YYYY-MM-DD'.length).replaceAll('-', '')
  return {immutable: [], moving: [...(day === undefined ? [] : [`nightly-${day}`]), 'nightly']}
}

function nameQueued({sha}: EventFacts): Names {
  return {immutable: [`mq-${sha.slice(0, SHA_LENGTH)}`], moving: []}
}

function isPrerelease({refType, refName}: EventFacts): boolean {
  return refType === 'tag' && (parseVersion(refName)?.prerelease.length ?? 0) > 0
}

/** A whole version (`1.2.3`, `v1.2.3-cu128`) or a commit (`sha-…`): people pin those. */
function isVersionLike(tag: string): boolean {
  return /^v?\d+\.\d+\.\d+(?:$|[-+.])/.test(tag) || /^(?:sha-[0-9a-f]{7,64}|[0-9a-f]{40})$/.test(tag)
}

function distinct(tags: readonly Tag[]): readonly Tag[] {
  const keyOf = (tag: Tag) => `${tag.image === undefined ? '' : imageText(tag.image)}:${tag.tag}`
  return tags.filter((tag, at) => tags.findIndex(other => keyOf(other) === keyOf(tag)) === at)
}
