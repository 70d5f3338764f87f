import {Problem} from '../model/problem.ts'
import type {LockWork} from '../model/work-sources.ts'
import type {Unresolved} from '../wheels/resolver-words.ts'

/** Why the build has to resolve by itself: one sentence. */
export interface Left {
  readonly because: string
}

/** Tells a reason from a lock. */
export function isLeft(value: object | string): value is Left {
  return typeof value === 'object' && 'because' in value
}

/** What stands in the way of a lock on this machine, beyond what uv says. */
export type Obstacle = Unresolved | {readonly kind: 'source'; readonly package: string}

/**
 * What an obstacle means: a reason to leave the resolving to the build, or a problem.
 *
 * Only what the build can do better is left to it: it may run the code of packages, and has a Python of its own. Where
 * the work says that nothing may be left, all are problems.
 */
export function judge(obstacle: Obstacle, {work, words}: {work: LockWork; words: readonly string[]}): Left | Problem {
  const reason = reasonToLeave(obstacle)
  if (reason !== undefined && work.onUnlockable === 'leave') return {because: reason}
  return problemOf(obstacle, {work, words, reason})
}

function reasonToLeave(obstacle: Obstacle): string | undefined {
  switch (obstacle.kind) {
    case 'needs-build':
      return `${obstacle.package} has no wheel, and its pyproject.toml does not state version and dependencies; it must be built before anyone knows what it needs, and code of packages is not run on this machine. If it has CUDA sources, name it in the input \`extensions\`.`
    case 'source':
      return `${obstacle.package} comes from a folder, of which a lock knows no hash.`
    case 'no-python':
      return 'uv needs a Python 3 on this machine, and there is none.'
    case 'network':
      return 'The package index could not be reached from this machine.'
    default:
      return undefined
  }
}

function problemOf(
  obstacle: Obstacle,
  {work, words, reason}: {work: LockWork; words: readonly string[]; reason: string | undefined}
): Problem {
  const set = work.packages.filter(name => name.includes('==')).join(' ')
  switch (obstacle.kind) {
    case 'conflict':
      return new Problem('lock-conflict', {
        what: `${obstacle.by === undefined ? 'The requirements want' : `${obstacle.by} wants`} ${obstacle.wanted}, and ${obstacle.against ?? `the image is for ${set}`}.`,
        why: 'One of the two would have to be replaced without a word, and then torch, torchvision and CUDA no longer fit each other.',
        fix:
          obstacle.by === undefined
            ? `Leave its version open in the requirements (${namesOf(work)}), or set the input \`torch\` to the ${obstacle.against === undefined ? 'wanted release' : 'release that goes with it'}.`
            : `Take a release of ${nameOf(obstacle.by)} that fits, or set the input \`torch\` to the release that ${obstacle.against === undefined ? 'it wants' : 'goes with it'}.`,
        evidence: words
      })
    case 'two-indexes':
      return new Problem('lock-conflict', {
        what: `${namesOf(work)} takes ${obstacle.package} from another index than the image does.`,
        why: 'The two serve builds for different CUDAs under one version.',
        fix: `Set the input \`cuda\` to what that index serves (the last part of its address), or take ${obstacle.package} out of \`[tool.uv.sources]\`.`,
        evidence: obstacle.indexes
      })
    case 'absent':
      return new Problem('lock-unfit', {
        what: `The index ${work.indexes.torch} has no ${obstacle.misses === undefined ? '' : 'wheel of '}${obstacle.wanted}${obstacle.misses === undefined ? '' : ` for the ${obstacle.misses} of the image`}.`,
        why: 'PyTorch’s packages come from one index, and no other is asked for them.',
        fix: 'Name with `index-url` an index that has it, or ask with `torch` and `cuda` for what that one has. Where only pull requests from forks end here, leave `fork-cuda` out.',
        evidence: words
      })
    case 'login':
      return new Problem('index-unauthorized', {
        what: `The package index ${obstacle.address} asks for a login${work.login === undefined ? '' : ' and does not take the one given'}.`,
        why:
          work.login === undefined
            ? 'None was given, or this event may not have it.'
            : 'The login in `index-url` is wrong, expired, or not for this index.',
        fix: 'Write `index-url: https://user:${{ secrets.INDEX_TOKEN }}@…`; the login is kept apart from the address and is in no layer.',
        evidence: words
      })
    default:
      return new Problem('lock-failed', {
        what: 'uv could not resolve the packages of the image.',
        why: reason ?? 'The lines below are its own words.',
        fix:
          obstacle.kind === 'needs-build'
            ? `State \`version\` and \`dependencies\` in the pyproject.toml of ${obstacle.package} (not as \`dynamic\`), or take a release of it that has a wheel. If it has CUDA sources, name it in the input \`extensions\`.`
            : 'Mend what they name in the requirements; to see it on your machine: `npm run local -- lock`.',
        evidence: words
      })
  }
}

function namesOf({requirements}: LockWork): string {
  return requirements.length === 0 ? 'the requirements' : requirements.map(({path}) => path).join(', ')
}

function nameOf(requirement: string): string {
  return /^[\w.-]+?(?=[=<>!~]|$)/.exec(requirement)?.[0] ?? requirement
}
