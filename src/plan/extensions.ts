import type {Facts} from '../model/facts.ts'
import type {Extensions} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import {unknownExtension} from '../wheels/unknown-extension.ts'
import type {Findings} from './contract.ts'
import type {Variant} from './variant.ts'

/** How many folders the built-in Dockerfile takes. */
const MOST = 3
/** CUDA whose compiler PyPI has. */
const WITH_COMPILER = /^cu1[3-9]/

/** Whether anything with CUDA sources is compiled in the build. */
export function compilesExtensions({inputs}: Facts, {cuda}: Variant): boolean {
  return cuda !== 'cpu' && isAny(inputs.extensions)
}

/** Holds what has CUDA sources against what the built-in Dockerfile can compile. */
export function checkExtensions(facts: Facts, {cuda, torch}: Variant): Findings {
  const {inputs, source} = facts
  const {extensions, cudaDevel} = inputs
  if (source.dockerfile.source !== 'built-in') return {problems: [], warnings: []}
  if (!isAny(extensions)) {
    return {
      problems: [],
      warnings: cudaDevel === undefined ? [] : ['The input `cuda-devel` has no effect without `extensions`.']
    }
  }
  if (cuda === 'cpu')
    return {problems: [], warnings: ['The input `extensions` has no effect: this PyTorch has no CUDA.']}
  return {
    problems: [
      ...(extensions.folders.length > MOST ? [tooMany(extensions.folders.length)] : []),
      ...unknownIn(facts),
      ...(cuda === undefined ? [] : compilerFor(`${torch ?? ''}+${cuda}`, cuda, cudaDevel))
    ],
    warnings: []
  }
}

function isAny({folders, packages}: Extensions): boolean {
  return folders.length + packages.length > 0
}

/** Names are known to be none only where the repository has a lock; else the step `lock` looks after them. */
function unknownIn({inputs, source}: Facts): readonly Problem[] {
  const {absent, projects, packages: named} = source.extensions ?? {absent: [], projects: [], packages: []}
  const locked = inputs.mode === 'lock' ? undefined : source.lock?.lock.packages.map(({name}) => name)
  const choices = {folders: projects, packages: locked ?? named}
  const strange = locked === undefined ? [] : inputs.extensions.packages.filter(name => !locked.includes(name))
  return [
    ...absent.map(folder => unknownExtension({folder}, choices)),
    ...strange.map(name => unknownExtension({package: name}, choices))
  ]
}

/** What is wrong with the compiler that there would be. */
function compilerFor(torch: string, cuda: string, devel: string | undefined): readonly Problem[] {
  if (devel === undefined) return WITH_COMPILER.test(cuda) ? [] : [withoutCompiler(torch, cuda)]
  const told = cudaOfDevel(devel)
  return told === undefined || told === cuda ? [] : [otherCompiler(devel, told, torch, cuda)]
}

/** The CUDA that an image's name tells: `cu128` for `nvidia/cuda:12.8.1-devel-…`. */
function cudaOfDevel(reference: string): string | undefined {
  const [, major, minor] = /(?:^|\/)cuda:(\d+)\.(\d+)\./.exec(reference) ?? []
  return major === undefined ? undefined : `cu${major}${minor}`
}

function tooMany(count: number): Problem {
  return new Problem('input-invalid', {
    what: `The input \`extensions\` names ${count} folders.`,
    why: `The built-in Dockerfile takes ${MOST}.`,
    fix: 'Build some of them from one project, or use a Dockerfile of your own.'
  })
}

function otherCompiler(devel: string, told: string, torch: string, cuda: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`cuda-devel\` names ${devel}, whose compiler is that of ${told}, and torch ${torch} is built for ${cuda}.`,
    why: 'Code of another CUDA than torch’s own cannot be loaded beside it, or fails when it runs.',
    fix: `Take an image of CUDA ${releaseOf(cuda)}, or set \`cuda: ${told}\`.`
  })
}

/** `12.8` for `cu128`. */
function releaseOf(cuda: string): string {
  return `${cuda.slice(2, -1)}.${cuda.slice(-1)}`
}

function withoutCompiler(torch: string, cuda: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`extensions\` asks for a compiler of CUDA, and torch ${torch} is built for one whose compiler PyPI does not have.`,
    why: 'For CUDA 12 the wheel named nvcc holds ptxas alone, and a compiler of another CUDA makes code that this torch cannot load.',
    fix: `Name an image that has the compiler, \`cuda-devel: nvidia/cuda:${releaseOf(cuda)}.…-devel-ubuntu24.04@sha256:…\`, or ask for a torch with CUDA 13 or newer, for example \`torch: latest\`.`
  })
}
