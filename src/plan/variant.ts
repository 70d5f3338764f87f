import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import {RELEASES, type Release, releaseOf, variantName} from '../pytorch/releases.ts'

/** Which PyTorch an image is for, as far as it is known. */
export interface Variant {
  /** Present where the release is one that we know. */
  readonly release?: Release
  /** `cu128`, `cpu`. */
  readonly cuda?: string
  /** `-cu128-py312-torch2.8`: what tells this image from its siblings; empty where nothing of it was said. */
  readonly suffix: string
  /**
   * Whether the image may bear names without the suffix: its CUDA is the one that PyPI serves for its torch.
   *
   * So one leg of a matrix over `cuda` gets the bare names. A matrix over `torch` gives its legs `tags` or `image`.
   */
  readonly isDefault: boolean
}

/** What was found out about the variant, with everything that is wrong with the request. */
export interface VariantRead {
  readonly variant: Variant
  readonly problems: readonly Problem[]
}

/** The variant that the inputs ask for. The built-in Dockerfile always has one; the user's own where inputs say so. */
export function readVariant(facts: Facts): VariantRead {
  return facts.source.dockerfile.source === 'built-in' ? readBuiltIn(facts) : readOwn(facts)
}

/** The variant that an index address names: `https://download.pytorch.org/whl/cu126` is for `cu126`. */
export function variantOfIndex(indexUrl: string | undefined): string | undefined {
  return /\b(cu\d{3}|cpu)\b/.exec(indexUrl ?? '')?.[1]
}

function readBuiltIn(facts: Facts): VariantRead {
  const {torch, indexUrl} = facts.inputs
  const release = releaseOf(torch)
  if (release === undefined) return {variant: {suffix: '', isDefault: true}, problems: [unknownRelease(torch)]}
  const ofIndex = variantOfIndex(indexUrl)
  const asked = askedCuda(facts)
  const cuda = asked ?? ofIndex ?? release.standard
  const variant = {
    release,
    cuda,
    suffix: suffixOf([cuda, pythonOf(facts), torchName(release.torch)]),
    isDefault: cuda === release.standard
  }
  const problems = [
    ...(cuda === 'cpu' || release.variants.includes(cuda) ? [] : [unknownVariant(release, cuda)]),
    ...(asked === undefined || ofIndex === undefined || asked === ofIndex ? [] : [otherIndex(asked, ofIndex)])
  ]
  return {variant, problems}
}

/** With the user's own Dockerfile only what they asked for is known, and whether it holds shows later. */
function readOwn(facts: Facts): VariantRead {
  const {torch} = facts.inputs
  const cuda = askedCuda(facts)
  const isTorchGiven = isGiven(facts, 'torch')
  const release = isTorchGiven ? releaseOf(torch) : undefined
  const torchText = isTorchGiven ? torchName(release?.torch ?? torch) : undefined
  const variant = {
    ...(release === undefined ? {} : {release}),
    ...(cuda === undefined ? {} : {cuda}),
    suffix: suffixOf([cuda, torchText]),
    isDefault: cuda === undefined || release === undefined || cuda === release.standard
  }
  return {variant, problems: []}
}

/** Whether the user gave an input, rather than leaving it at its default. */
export function isGiven(facts: Facts, input: string): boolean {
  return facts.inputs.given?.includes(input) ?? false
}

function askedCuda({inputs}: Facts): string | undefined {
  return inputs.cuda === 'auto' ? undefined : variantName(inputs.cuda)
}

/** `py312` where the base image's name tells its Python; other bases do not say. */
function pythonOf({inputs, source}: Facts): string | undefined {
  const declared = source.dockerfile.globals.find(({kind, name}) => kind === 'ARG' && name === 'BASE_IMAGE')
  const base = inputs.baseImage ?? declared?.value ?? ''
  const minor = /(?:^|\/)python:3\.(\d+)/.exec(base)?.[1]
  return minor === undefined ? undefined : `py3${minor}`
}

function torchName(torch: string): string {
  return `torch${torch.split('.').slice(0, 2).join('.')}`
}

function suffixOf(parts: readonly (string | undefined)[]): string {
  return parts.flatMap(part => (part === undefined ? [] : [`-${part}`])).join('')
}

function unknownRelease(torch: string): Problem {
  const newest = RELEASES.at(-1)?.torch ?? ''
  const series = [...new Set(RELEASES.map(release => release.torch.split('.').slice(0, 2).join('.')))]
  const nearest = RELEASES.findLast(release => release.torch.startsWith(`${torch.split('.').slice(0, 2).join('.')}.`))
  return new Problem('input-invalid', {
    what: `The input \`torch\` asks for ${torch}, which is no stable release that this version of the action knows.`,
    why: 'The packages that belong to it, and the CUDA versions it was built for, are not known.',
    fix: `Set \`torch: ${nearest?.torch ?? newest}\`, or one of the series ${series.join(', ')}.`
  })
}

function unknownVariant(release: Release, cuda: string): Problem {
  const others = RELEASES.filter(({variants}) => variants.includes(cuda)).map(({torch}) => torch)
  const instead = others.length === 0 ? '' : `, or \`torch: ${others.at(-1)}\`, the last one with ${cuda}`
  return new Problem('input-conflict', {
    what: `PyTorch ${release.torch} is not known to be built for ${cuda} (inputs \`torch\` and \`cuda\`).`,
    why: `Its variants are ${[...release.variants, 'cpu'].join(', ')}.`,
    fix: `Set \`cuda: ${release.standard}\`${instead}.`
  })
}

function otherIndex(asked: string, ofIndex: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`cuda\` asks for ${asked}, and the input \`index-url\` names an index of ${ofIndex}.`,
    why: 'The image would bear the name of one variant and hold the other.',
    fix: `Set \`cuda: ${ofIndex}\`, or give the index of ${asked}.`
  })
}
