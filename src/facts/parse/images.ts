import {imageText, isSameImage, isTag, parseReference, type Reference} from '../../image/reference.ts'
import type {ImageName, TagRequest} from '../../model/inputs.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseLines, parseList} from './lists.ts'

const RULE = /^type=/

/** `image`: names without tag and digest, the first is primary. Capitals are put into lower case with a notice. */
export function parseImages(text: string, desk: Desk): readonly ImageName[] {
  const images: ImageName[] = []
  for (const entry of parseList(text)) {
    const reference = parseReference(entry)
    const fault = faultOfImage(entry, reference)
    if (reference === undefined || fault !== undefined) {
      desk.fault({
        what: `\`image: ${shownValue(entry, desk)}\` ${fault?.what}.`,
        why: fault?.why ?? '',
        fix: fault?.fix ?? ''
      })
      continue
    }
    tellLowered(reference, entry, desk)
    if (!images.some(image => isSameImage(image, reference.image))) images.push(reference.image)
  }
  return images
}

/** `tags`: a tag for every image, or a full reference, whose image is then pushed too. */
export function parseTags(text: string, desk: Desk): readonly TagRequest[] {
  const found: TagRequest[] = []
  // A rule of docker/metadata-action has commas of its own.
  const entries = parseLines(text).flatMap(line => (RULE.test(line) ? [line] : parseList(line)))
  for (const entry of entries) {
    const request = readTag(entry, desk)
    const isKnown = found.some(other => sameText(other) === (request && sameText(request)))
    if (request !== undefined && !isKnown) found.push(request)
  }
  return found
}

/** `base-image`: any reference, by tag or digest. */
export function parseBaseImage(text: string, desk: Desk): string | undefined {
  if (parseReference(text) !== undefined && !/\s/.test(text)) return text
  return void desk.fault({
    what: `\`base-image: ${shownValue(text, desk)}\` is no image reference.`,
    why: 'It has the form `[host[:port]/]path[:tag][@digest]`.',
    fix: 'Name one image, for example `python:3.12-slim`.'
  })
}

/** `cuda-devel`: by digest alone, since what a tag means today decides what code is made. */
export function parseDevelImage(text: string, desk: Desk): string | undefined {
  const reference = /\s/.test(text) ? undefined : parseReference(text)
  if (reference?.digest !== undefined) return text
  const named = reference === undefined ? 'nvidia/cuda:12.8.1-devel-ubuntu24.04' : shownValue(text, desk)
  return void desk.fault({
    what: `\`cuda-devel: ${shownValue(text, desk)}\` ${reference === undefined ? 'is no image reference' : 'has no digest'}.`,
    why: 'Its compiler makes code that runs in the image; a tag may be another compiler tomorrow.',
    fix: `Write \`${named}@sha256:…\`; \`docker buildx imagetools inspect ${named}\` tells the digest.`
  })
}

function faultOfImage(
  text: string,
  reference: Reference | undefined
): {what: string; why: string; fix: string} | undefined {
  if (reference === undefined) {
    return {
      what: 'is no image name',
      why: 'A name has letters, digits and single `.`, `_`, `-` between them, in parts separated by `/`.',
      fix: 'Write for example `ghcr.io/owner/name`.'
    }
  }
  const name = imageText(reference.image)
  if (reference.digest !== undefined) {
    return {
      what: 'names a digest',
      why: 'What will be pushed has a digest of its own, which nobody knows before it is built.',
      fix: `Write \`image: ${name}\`.`
    }
  }
  if (reference.tag !== undefined) {
    return {
      what: 'names a tag',
      why: 'The same name is used for every tag of this event, so it has none itself.',
      fix: `Write \`image: ${name}\` and \`tags: ${reference.tag}\`.`
    }
  }
  if (reference.image.registry === 'docker.io' && reference.image.repository.startsWith('library/')) {
    return {
      what: 'has neither a registry nor an owner',
      why: 'It would stand for an official image of Docker Hub, which nobody but Docker pushes.',
      fix: `Write \`ghcr.io/owner/${text.toLowerCase()}\`, or \`owner/${text.toLowerCase()}\` for Docker Hub.`
    }
  }
  return undefined
}

function readTag(entry: string, desk: Desk): TagRequest | undefined {
  if (isTag(entry)) return {tag: entry}
  const reference = entry.includes('/') ? parseReference(entry) : undefined
  if (reference === undefined || reference.digest !== undefined) return void desk.fault(faultOfTag(entry, desk))
  tellLowered(reference, entry, desk)
  // Docker's own meaning of a reference without a tag.
  return {image: reference.image, tag: reference.tag ?? 'latest'}
}

function faultOfTag(entry: string, desk: Desk) {
  const isRule = RULE.test(entry)
  const isDigest = entry.includes('@')
  return {
    what: `\`tags\` has ${shownValue(entry, desk)}, which is ${isRule ? 'a rule of docker/metadata-action' : 'no tag'}.`,
    why: isDigest
      ? 'A digest cannot be given to an image; it follows from what was built.'
      : 'A tag has letters, digits, `.`, `_` and `-`, at most 128; or it is a full reference such as `ghcr.io/owner/name:1.0`.',
    fix: isRule
      ? 'Leave `tags` empty: version, branch and `sha-` tags come by themselves with each event.'
      : 'Write one tag or one full reference per line.'
  }
}

function tellLowered(reference: Reference, entry: string, desk: Desk): void {
  if (reference.wasLowered)
    desk.notice(`${entry} is pushed as ${imageText(reference.image)}: registries take no capitals.`)
}

function sameText({image, tag}: TagRequest): string {
  return image === undefined ? tag : `${imageText(image)}:${tag}`
}
