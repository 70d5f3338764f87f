import {parseReference} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {BuilderChoice} from './builder.ts'
import {choosesPackages} from './own-runtime.ts'
import {permit} from './permit.ts'

/** How many files the built-in Dockerfile can take. */
const MOST_REQUIREMENTS = 6

/** Asking for what the policy refuses is an error, because a green run that did not push would lie. */
export function checkPush(facts: Facts): readonly Problem[] {
  const verdict = permit(facts, 'push')
  // A branch that is gone cannot be published by anyone, and deleting it is no mistake.
  if (facts.inputs.push !== 'always' || verdict.allowed || verdict.code === 'deleted-branch') return []
  return [
    new Problem('push-forbidden', {
      what: 'The input `push` says always, and this event may not push.',
      why: verdict.because,
      fix: 'Set `push: auto`, which pushes wherever it is allowed and says where it is not.',
      evidence: [`event: ${facts.event.name}`, `origin: ${facts.event.origin}`, `code: ${verdict.code}`]
    })
  ]
}

/** Requests that fit each other badly, or the machine, or the context. */
export function checkRequests(facts: Facts, builder: BuilderChoice): readonly Problem[] {
  return [...checkRequirements(facts), ...checkLoad(facts, builder), ...checkCache(facts)]
}

function checkRequirements(facts: Facts): readonly Problem[] {
  const {inputs, source} = facts
  if (!choosesPackages(facts)) return []
  const absent = source.missingRequirements.map(
    path =>
      new Problem('input-invalid', {
        what: `The input \`requirements\` names ${path}, which the build context (\`${inputs.context}\`) does not send.`,
        why: 'The packages in it could not be installed.',
        fix: 'Give the path as seen from `context`, and look whether .dockerignore leaves the file out.'
      })
  )
  const spaced = inputs.requirements.filter(path => /\s/.test(path))
  const unfit = spaced.map(
    path =>
      new Problem('input-invalid', {
        what: `The input \`requirements\` names "${path}", which has a space in it.`,
        why: 'The built-in Dockerfile takes names without spaces only.',
        fix: 'Rename the file.'
      })
  )
  if (inputs.requirements.length <= MOST_REQUIREMENTS) return [...absent, ...unfit]
  const many = new Problem('input-invalid', {
    what: `The input \`requirements\` names ${inputs.requirements.length} files.`,
    why: `The built-in Dockerfile takes ${MOST_REQUIREMENTS} at most.`,
    fix: 'Join some of them into one.'
  })
  return [...absent, ...unfit, many]
}

function checkLoad({inputs}: Facts, builder: BuilderChoice): readonly Problem[] {
  if (!inputs.load || inputs.platforms.length < 2 || builder.driver === 'docker') return []
  return [
    new Problem('input-conflict', {
      what: `The input \`load\` asks for the image in the engine, and \`platforms\` names ${inputs.platforms.length} platforms.`,
      why: 'An engine takes an image of several platforms only from its own builder.',
      fix: 'Name one platform, leave `load` out, or use an engine with the containerd image store and `driver: docker`.'
    })
  ]
}

function checkCache({inputs}: Facts): readonly Problem[] {
  const {backend, place} = inputs.cache
  if (backend !== 'registry' || place === undefined || parseReference(place) !== undefined) return []
  return [
    new Problem('input-invalid', {
      what: `The input \`cache\` names \`${place}\`, which is no image reference.`,
      why: 'The layer cache lies in a registry under a name like that of an image.',
      fix: 'Write `cache: registry:ghcr.io/acme/app-cache`, or `cache: registry` for the image’s own repository.'
    })
  ]
}
