import {isSecretName, tokenShapeIn} from '../image/token-shapes.ts'
import type {Facts} from '../model/facts.ts'
import type {BuildArg} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import type {Variable} from '../model/source.ts'
import {permit} from './permit.ts'
import {stagesBuilt} from './stages.ts'

/** Shorter values are switches and versions, not secrets. */
const SHORTEST_SECRET = 8
const PASSWORD_IN_ADDRESS = /:\/\/[^/\s:@]*:[^/\s@]+@/

/**
 * Finds secrets on their way to places that anyone who pulls the image, or reads the log, can read.
 *
 * A value counts when it holds a secret that we keep, has the shape of a token, is a password in an address, or stands
 * under a name that says so. Messages name the variable, never its value.
 */
export function checkDisclosure(facts: Facts): readonly Problem[] {
  const {inputs, source} = facts
  const variables = [...source.dockerfile.globals, ...stagesBuilt(facts).flatMap(stage => stage.variables)]
  return [
    ...inputs.buildArgs.flatMap(argument => found(argument, inBuildArg)),
    ...inputs.labels.flatMap(label => found(label, inLabel)),
    ...(PASSWORD_IN_ADDRESS.test(inputs.indexUrl ?? '') ? [inIndexUrl()] : []),
    ...variables.flatMap(variable => found(variable, (named, sign) => inDockerfile(named, {sign, facts}))),
    ...source.exposed.map(file => inContext(file, facts))
  ]
}

type Named = BuildArg | Variable

/** The problem of a value that gives a secret away, if it does. */
function found<N extends Named>(named: N, problem: (named: N, sign: string) => Problem): readonly Problem[] {
  const sign = signOf(named)
  return sign === undefined ? [] : [problem(named, sign)]
}

/** By what a value shows that it is a secret. */
function signOf({name, value = '', carriesSecret}: Named): string | undefined {
  if (carriesSecret !== undefined) return `its value is the secret ${carriesSecret.secret} of this run`
  const shape = tokenShapeIn(value)
  if (shape !== undefined) return `its value has the shape of a ${shape.kind}`
  if (PASSWORD_IN_ADDRESS.test(value)) return 'its value is an address with a password in it'
  return isSecretName(name) && isSecretLike(value) ? 'its name says so' : undefined
}

/** A word that could be a secret: not a reference to another variable, a path, an address or a short switch. */
function isSecretLike(value: string): boolean {
  return value.length >= SHORTEST_SECRET && !/[\s$]|^[./~]|:\/\//.test(value)
}

function inBuildArg({name}: BuildArg, sign: string): Problem {
  return new Problem('secret-in-build-arg', {
    what: `The input \`build-args\` passes a secret as ${name}: ${sign}.`,
    why: 'Build arguments stand in the history of the image, in provenance and in metadata, where everyone who pulls it can read them.',
    fix: rewriteOf(name)
  })
}

function inLabel({name}: BuildArg, sign: string): Problem {
  return new Problem('secret-in-build-arg', {
    what: `The input \`labels\` writes a secret into the label ${name}: ${sign}.`,
    why: 'Labels are read by everyone who pulls the image.',
    fix: `Take ${name} out of \`labels\`, and revoke the secret if it was ever published.`
  })
}

function inIndexUrl(): Problem {
  return new Problem('secret-in-build-arg', {
    what: 'The input `index-url` has a user name and a password in it.',
    why: 'The address stands in the history of the image, where everyone who pulls it can read it.',
    fix: 'Give the address without them. Where the index needs a login, use a Dockerfile of your own that reads it from `RUN --mount=type=secret,id=index-login …`.'
  })
}

function inDockerfile({kind, name, line}: Variable, {sign, facts}: {sign: string; facts: Facts}): Problem {
  const {shown} = facts.source.dockerfile
  return new Problem('secret-in-dockerfile', {
    what: `${shown}, line ${line}, holds a secret in \`${kind} ${name}\`: ${sign}.`,
    why: 'Both the repository and the image give it to everyone who can read them.',
    fix: `Take the line away and revoke the secret. ${rewriteOf(name)}`,
    evidence: [`${shown}:${line}`]
  })
}

function inContext({path, holds}: Facts['source']['exposed'][number], facts: Facts): Problem {
  const isTrusted = permit(facts, 'build-secrets').allowed
  const checkout =
    path.includes('.git/') && isTrusted ? ' With actions/checkout, set `persist-credentials: false`.' : ''
  return new Problem('context-holds-credential', {
    what: `The build context would send ${path}, which holds ${holds}.`,
    why: 'One `COPY . .` puts it into a layer, where everyone who pulls the image can read it.',
    fix: `Add the line \`${path.includes('.git/') ? '**/.git' : path}\` to .dockerignore.${checkout}`,
    evidence: [path]
  })
}

/** How a secret reaches a step without staying in the image. */
function rewriteOf(name: string): string {
  const id = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `Give it with \`secrets: ${id}=\${{ secrets.${name.toUpperCase()} }}\`, and read it in the Dockerfile with \`RUN --mount=type=secret,id=${id} ${name}="$(cat /run/secrets/${id})" …\` instead of \`ARG ${name}\`.`
}
