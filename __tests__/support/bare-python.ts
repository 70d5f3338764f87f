import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

let made: string | undefined

/** This machine's Python without any of its packages: what is installed here is none of what a test is about. */
export function barePython(): string {
  if (made === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'bare-python-'))
    execFileSync('python3', ['-m', 'venv', '--without-pip', folder])
    process.once('exit', () => rmSync(folder, {recursive: true, force: true}))
    made = join(folder, 'bin', 'python3')
  }
  return made
}
