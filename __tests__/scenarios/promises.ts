import {expect} from '@jest/globals'
import {OUTPUTS} from '../../src/report/outputs.ts'
import type {Played} from './scenario.ts'

const SHORTEST_NEEDLE = 8
const DOOR_PASSWORD = 'door-password-of-this-run'

/** What every run promises, whatever its story: secrets stay where they belong, and post leaves nothing behind. */
export function expectPromisesKept(played: Played): void {
  const secrets = [...played.step.secrets, DOOR_PASSWORD, ...played.host.masks]
  const needles = secrets.filter(({length}) => length >= SHORTEST_NEEDLE)
  for (const [place, text] of Object.entries(placesToRead(played))) {
    expect({place, holds: needles.filter(needle => text.includes(needle))}).toEqual({place, holds: []})
  }
  const open = played.files.filter(({path, mode}) => !played.laid.has(path) && !/^0[67]00$/.test(mode))
  expect(open).toEqual([])
  expect(played.filesAfterPost).toEqual([])
  const {outputs} = played.host
  expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(OUTPUTS).toSorted())
  if (played.report !== undefined) expect(JSON.parse(outputs.plan ?? '')).toEqual(played.report.outcome.plan)
}

/** Everything that anyone but the programs we call can read. */
function placesToRead({host, did, undid, files, contents, secretFiles}: Played): Record<string, string> {
  const plain = [...contents].filter(([path]) => !secretFiles.has(path))
  return {
    // Variables that are a `Secret` show its name here.
    commands: host.asked.map(({file, args, env = {}}) => `${file} ${args} ${Object.values(env).join(' ')}`).join('\n'),
    'log and deeds': [...did, ...undid].join('\n'),
    annotations: host.told.map(({text}) => text).join('\n'),
    outputs: JSON.stringify(host.outputs),
    summary: host.summaries.join('\n'),
    ledger: JSON.stringify(host.undos),
    'names of files': files.map(({path}) => path).join('\n'),
    ...Object.fromEntries(plain.map(([path, text]) => [path, text]))
  }
}
