import {expect, test} from '@jest/globals'
import type {Desk} from '../../../src/facts/parse/desk.ts'
import {parseLayerStore} from '../../../src/facts/parse/layer-store.ts'

function parsed(text: string) {
  const faults: string[] = []
  const desk = {input: 'layer-store', fault: ({fix}: {fix: string}) => faults.push(fix), find: () => undefined}
  return {value: parseLayerStore(text, desk as unknown as Desk), faults}
}

const IMAGE = {registry: 'ghcr.io', repository: 'acme/layers'}

test.each([
  {text: 'ghcr.io/acme/layers', value: {image: IMAGE, kind: 'shared'}},
  {text: 'ghcr.io/Acme/layers  protected', value: {image: IMAGE, kind: 'protected'}}
])('layer-store: $text is read', ({text, value}) => {
  expect(parsed(text)).toEqual({value, faults: []})
})

test.each([
  {text: 'ghcr.io/acme/layers:1', fix: 'layer-store: ghcr.io/acme/layers`'},
  {text: `ghcr.io/acme/layers@sha256:${'a'.repeat(64)}`, fix: 'layer-store: ghcr.io/acme/layers`'},
  {text: 'ghcr.io/acme/layers trusted', fix: 'ghcr.io/acme/layers protected'},
  {text: 'ghcr.io/acme/layers protected yes', fix: 'ghcr.io/acme/layers protected'},
  {text: 'ä', fix: 'ghcr.io/owner/layers'}
])('layer-store: $text is refused, and it is said what to write', ({text, fix}) => {
  const {value, faults} = parsed(text)
  expect(value).toBeUndefined()
  expect(faults).toEqual([expect.stringContaining(fix)])
})
