import {describe, expect, test} from '@jest/globals'
import {withoutHostNames} from '../../src/gpu/host-names.ts'
import type {GpuReport} from '../../src/model/gpu-report.ts'

function reportWith(text: string): GpuReport {
  const check = {id: 't3.gpu-01', message: text, evidence: [text]}
  return {tiers: [{checks: [check]}], diagnosis: [{check: 't3.gpu-01', evidence: [text]}]} as unknown as GpuReport
}

describe('withoutHostNames', () => {
  test.each([
    {given: 'its full name', text: 'gpu-01.lab.acme.dev:17 NCCL INFO', then: '<host>:17 NCCL INFO'},
    {given: 'its first label', text: 'on gpu-01: Xid 79', then: 'on <host>: Xid 79'},
    {given: 'capitals', text: 'GPU-01 is lost', then: '<host> is lost'},
    {given: 'another machine of the same beginning', text: 'gpu-011 and gpu-01-b', then: 'gpu-011 and gpu-01-b'},
    {given: 'the name of its runner', text: 'Runner name: box+7 (a)', then: 'Runner name: <host> (a)'}
  ])('given $given, then it is gone', ({text, then}) => {
    const {tiers, diagnosis} = withoutHostNames(reportWith(text), ['gpu-01.lab.acme.dev', 'box+7'])
    expect(tiers[0]?.checks[0]).toEqual({id: 't3.gpu-01', message: then, evidence: [then]})
    expect(diagnosis[0]).toEqual({check: 't3.gpu-01', evidence: [then]})
  })

  test.each([[[]], [['localhost']], [['', 'a']]])('given the names %j, then nothing is touched', names => {
    const report = reportWith('localhost: a GPU')
    expect(withoutHostNames(report, names)).toBe(report)
  })
})
