import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {afterAll, describe, expect, test} from '@jest/globals'
import {secretsSeen} from '../../scripts/runner/secrets-seen.ts'
import {play, removeFolders, textOf} from './tiny-action.ts'

afterAll(removeFolders)

const CORE = pathToFileURL(
  join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/@actions/core/lib/core.js')
).href

describe('an action that uses @actions/core', () => {
  test('finds everything that the toolkit needs', async () => {
    const result = await play(
      {
        inputs: 'inputs: {list of: {}, flag: {default: true}, key: {}}',
        main: `
          const core = await import('${CORE}')
          core.setSecret(core.getInput('key'))
          core.info('key ' + core.getInput('key'))
          core.info(core.getMultilineInput('list of').join('+') + core.getBooleanInput('flag'))
          core.setOutput('text', 'a\\nb')
          core.setOutput('object', {a: 1})
          core.saveState('pid', 'first'); core.saveState('pid', 'last')
          core.exportVariable('LATER', 'yes')
          core.addPath('/opt/x')
          await core.group('Group', async () => core.info('inside'))
          core.error('bad, "really"', {title: 'T: x', file: 'a,b', startLine: 2})
          await core.summary.addHeading('Done').write()
          core.setFailed('no')
        `,
        post: `
          const core = await import('${CORE}')
          core.info(core.getState('pid') + env.LATER + env.PATH.split(':')[0])
        `
      },
      {inputs: {'list of': 'a\nb\n', key: '-----BEGIN-----\nabcdefghijkl\n-----END-----'}}
    )
    expect(result.conclusion).toBe('failure')
    expect(result.outputs).toEqual({text: 'a\nb', object: '{"a":1}'})
    expect(result.annotations).toEqual([
      {by: 'main', level: 'error', message: 'bad, "really"', properties: {title: 'T: x', file: 'a,b', line: '2'}},
      {by: 'main', level: 'error', message: 'no', properties: {}}
    ])
    expect(result.summary).toContain('<h1>Done</h1>')
    expect(textOf(result)).toEqual(expect.arrayContaining(['key ***', '***', 'a+btrue', 'inside']))
    expect(textOf(result, 'post')).toEqual(['lastyes/opt/x'])
    expect(secretsSeen(result, {key: 'abcdefghijkl'}).map(seen => seen.place)).toEqual(['main output, line 2'])
  })
})
