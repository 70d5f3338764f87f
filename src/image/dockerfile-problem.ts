import {Problem} from '../model/problem.ts'

/** A line of a Dockerfile, named as its readers know it. */
export interface DockerfilePlace {
  readonly shown: string
  readonly line: number
}

/** A Dockerfile that cannot be built, with the line at fault; `fault` is a clause without a full stop. */
export function invalidDockerfile(place: DockerfilePlace, fault: string, evidence: readonly string[] = []): Problem {
  return new Problem('dockerfile-invalid', {
    what: `${place.shown}, line ${place.line}: ${fault}.`,
    why: 'The build would stop there, and what the build needs cannot be told before it.',
    fix: `Mend line ${place.line} of ${place.shown}.`,
    evidence
  })
}
