import {spawnSync} from 'node:child_process'
import {dirname} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from '@jest/globals'

// The validator is Python and so are its tests; this runs them with the others, so that nobody forgets them.
const here = dirname(fileURLToPath(import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0
const given = hasPython ? test : test.skip

describe('the validator, with a stand-in for torch', () => {
  given(`python3 -m unittest passes${hasPython ? '' : ' (there is no python3 on this machine)'}`, () => {
    const ran = spawnSync('python3', ['-m', 'unittest', 'discover', '-s', here], {
      encoding: 'utf8',
      env: {...process.env, PYTHONDONTWRITEBYTECODE: '1'}
    })
    expect(ran.stderr).toMatch(/\nOK\b/)
    expect(ran.status).toBe(0)
  })
})
