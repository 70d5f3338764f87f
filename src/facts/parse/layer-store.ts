import {imageText, parseReference} from '../../image/reference.ts'
import type {LayerStoreRequest} from '../../model/inputs.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'

/** `layer-store`: a repository, and perhaps ` protected` behind it. */
export function parseLayerStore(text: string, desk: Desk): LayerStoreRequest | undefined {
  const [name = '', word, ...more] = text.split(/\s+/)
  const reference = parseReference(name)
  const isBare = reference?.tag === undefined && reference?.digest === undefined
  const isWord = word === undefined || word === 'protected'
  if (reference === undefined || !isBare || !isWord || more.length > 0) {
    const bare = reference === undefined ? 'ghcr.io/owner/layers' : imageText(reference.image)
    return void desk.fault({
      what: `\`layer-store: ${shownValue(text, desk)}\` names no repository for layers.`,
      why: 'It is an image name without tag and digest, and perhaps the word `protected` behind it.',
      fix: `Write \`layer-store: ${bare}\`, or \`layer-store: ${bare} protected\` where protected refs alone can write to it.`
    })
  }
  return {image: reference.image, kind: word === undefined ? 'shared' : 'protected'}
}
