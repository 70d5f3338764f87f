import {describe, expect, test} from '@jest/globals'
import type {Desk} from '../../../src/facts/parse/desk.ts'
import {parseDevices, parseDigest, parseFloors, parseReports} from '../../../src/facts/parse/gpu.ts'

const HEX = 'ab'.repeat(32)

function parsedBy<T>(parse: (text: string, desk: Desk) => T, text: string): {value: T; faults: number} {
  let faults = 0
  const desk = {
    input: 'input',
    env: {},
    fault: () => {
      faults += 1
    },
    find: () => undefined
  }
  return {value: parse(text, desk as unknown as Desk), faults}
}

describe('gpu-floors', () => {
  test.each([
    {text: 'bf16_tflops=200\nh2d_gbps = 20.5\n# a comment', value: {bf16_tflops: 200, h2d_gbps: 20.5}, faults: 0},
    {text: 'bf16_tflop=200', value: {}, faults: 1},
    {text: 'bf16_tflops=fast\nsteps_per_s=0\nd2h_gbps=9', value: {d2h_gbps: 9}, faults: 2}
  ])('$text', ({text, value, faults}) => {
    expect(parsedBy(parseFloors, text)).toEqual({value, faults})
  })
})

describe('gpu-devices', () => {
  test.each([
    {text: '', value: [], faults: 0},
    {text: 'all', value: [], faults: 0},
    {text: '0, 1 1', value: ['0', '1'], faults: 0},
    {text: 'GPU-8f6b0c12-aaaa\nMIG-2c5d', value: ['GPU-8f6b0c12-aaaa', 'MIG-2c5d'], faults: 0},
    {text: 'a100', value: [], faults: 1},
    {text: '0"', value: [], faults: 1},
    {text: '1,GPU-a=b', value: ['1'], faults: 1}
  ])('$text', ({text, value, faults}) => {
    expect(parsedBy(parseDevices, text)).toEqual({value, faults})
  })
})

describe('digest', () => {
  test.each([
    {text: `sha256:${HEX}`, value: `sha256:${HEX}`, faults: 0},
    {text: `ghcr.io/acme/app@sha256:${HEX.toUpperCase()}`, value: `sha256:${HEX}`, faults: 0},
    {text: 'ghcr.io/acme/app:main', value: undefined, faults: 1},
    {text: `sha256:${HEX.slice(2)}`, value: undefined, faults: 1}
  ])('$text', ({text, value, faults}) => {
    expect(parsedBy(parseDigest, text)).toEqual({value, faults})
  })
})

describe('gpu-report', () => {
  test.each([
    {text: 'a.json\nwith blank.json', value: [{path: 'a.json'}, {path: 'with blank.json'}], faults: 0},
    {text: `a.json sha256:${HEX}`, value: [{path: 'a.json', sha256: `sha256:${HEX}`}], faults: 0},
    {text: 'a.json sha256:short', value: [], faults: 1}
  ])('$text', ({text, value, faults}) => {
    expect(parsedBy(parseReports, text)).toEqual({value, faults})
  })
})
