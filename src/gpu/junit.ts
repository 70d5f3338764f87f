import type {GpuCheck, GpuReport} from '../model/gpu-report.ts'

/** A report in JUnit's XML, for whatever shows test results. */
export function junitOf(report: GpuReport): string {
  const suites = report.tiers.map(({id, title, checks, duration_ms}) => {
    const count = (status: GpuCheck['status']) => checks.filter(check => check.status === status).length
    const head = `<testsuite name="${xmlText(`${id} ${title}`)}" tests="${checks.length}" failures="${count('fail')}" skipped="${count('skip')}" time="${seconds(duration_ms)}">`
    return [head, ...checks.map(caseOf), '</testsuite>'].join('\n')
  })
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="gpu">', ...suites, '</testsuites>', ''].join(
    '\n'
  )
}

function caseOf(check: GpuCheck): string {
  const name = check.device === undefined ? check.id : `${check.id} on GPU ${check.device}`
  const head = `<testcase classname="gpu.${check.tier}" name="${xmlText(name)}" time="${seconds(check.duration_ms)}">`
  return `${head}${bodyOf(check)}</testcase>`
}

function bodyOf({status, code, message, evidence}: GpuCheck): string {
  if (status === 'skip') return `<skipped message="${xmlText(message)}"/>`
  if (status === 'fail') {
    return `<failure type="${xmlText(code ?? '')}" message="${xmlText(message)}">${xmlText(evidence.join('\n'))}</failure>`
  }
  return status === 'warn' ? `<system-out>${xmlText(`${code ?? ''}: ${message}`)}</system-out>` : ''
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

const ENTITIES: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'}

/** Text that XML 1.0 takes: without control characters, and with nothing that could be markup. */
function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').toWellFormed()
  return plain.replace(/[&<>"]/g, character => ENTITIES[character] ?? '')
}
