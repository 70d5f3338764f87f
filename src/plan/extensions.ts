import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {Findings} from './contract.ts'
import type {Variant} from './variant.ts'

/** How many folders the built-in Dockerfile takes. */
const MOST = 3
/** CUDA whose compiler PyPI has. */
const WITH_COMPILER = /^cu1[3-9]/

/** Holds the folders with CUDA sources against what the built-in Dockerfile can compile. */
export function checkExtensions({inputs, source}: Facts, {cuda, torch}: Variant): Findings {
  const {extensions} = inputs
  if (extensions.length === 0 || source.dockerfile.source !== 'built-in') return {problems: [], warnings: []}
  if (cuda === 'cpu')
    return {problems: [], warnings: ['The input `extensions` has no effect: this PyTorch has no CUDA.']}
  return {
    problems: [
      ...(extensions.length > MOST ? [tooMany(extensions.length)] : []),
      ...(cuda === undefined || WITH_COMPILER.test(cuda) ? [] : [withoutCompiler(`${torch ?? ''}+${cuda}`)])
    ],
    warnings: []
  }
}

function tooMany(count: number): Problem {
  return new Problem('input-invalid', {
    what: `The input \`extensions\` names ${count} folders.`,
    why: `The built-in Dockerfile takes ${MOST}.`,
    fix: 'Build some of them from one project, or use a Dockerfile of your own.'
  })
}

function withoutCompiler(torch: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`extensions\` asks for a compiler of CUDA, and torch ${torch} is built for one whose compiler PyPI does not have.`,
    why: 'For CUDA 12 the wheel named nvcc holds ptxas alone, and a compiler of another CUDA makes code that this torch cannot load.',
    fix: 'Ask for a torch with CUDA 13 or newer, for example `torch: latest`, or compile in a Dockerfile of your own, in a stage `FROM nvidia/cuda:…-devel` pinned by digest.'
  })
}
