import {isSameImage} from '../image/reference.ts'
import {packageRegistryOf} from '../image/registries.ts'
import type {Facts} from '../model/facts.ts'
import type {Verdict} from '../model/verdict.ts'
import type {ImageAccess, PreflightWork} from '../model/work-build.ts'
import type {Caching} from './cache.ts'
import {standsOnRuntime} from './own-runtime.ts'
import {allow, refuse} from './permit.ts'

/** Whether the registries are asked before the build, which only a push needs. */
export function preflightVerdict({inputs}: Facts, push: Verdict): Verdict {
  if (inputs.mode === 'validate') return refuse('not-asked', 'The input `mode` says validate, which pushes nothing.')
  return push.allowed ? allow('Whether the registry will take the push is asked before the build.') : push
}

/** What the registries are asked, and what a denial leads to. */
export function preflightWork(
  facts: Facts,
  {images, caching}: {images: readonly ImageAccess[]; caching: Caching}
): PreflightWork {
  const isProposal = facts.event.origin === 'own-pull-request' || facts.event.origin === 'merge-queue'
  const {event, inputs} = facts
  const {owner, name} = event.repository
  const isAsked = inputs.push === 'always'
  const written = caching.passages.find(({actions}) => actions === 'pull,push')
  const isApart = written !== undefined && !images.some(({image}) => isSameImage(image, written.image))
  return {
    images,
    ...(isApart ? {cache: {image: written.image, credential: written.credential}} : {}),
    // A runtime for their own Dockerfile would lie in the registry that refused.
    onDenied: isProposal && !isAsked && !standsOnRuntime(facts) ? 'build-only' : 'fail',
    secondTry: isAsked ? 'one-byte-upload' : 'none',
    tokens: [],
    pusher: {owner, name, packages: packageRegistryOf(event.serverUrl)},
    ...(inputs.timeoutMs === undefined ? {} : {limitMs: inputs.timeoutMs})
  }
}
