import {Problem} from '../model/problem.ts'

/** A wheel that is broken, or made to do harm. Its bytes are those of the lock, so trying again does not help. */
export function invalidWheel(name: string, fault: string): Problem {
  return new Problem('wheel-invalid', {
    what: `${name} cannot be installed: ${fault}.`,
    why: 'Its bytes are those that the lock names, so it was published like that.',
    fix: 'Lock another version of that package, and tell its maintainers.',
    evidence: [`wheel: ${name}`]
  })
}
