import {dirname, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {makeRunnerHost} from './host/runner.ts'
import {undo} from './undo.ts'

const here = dirname(fileURLToPath(import.meta.url))
const host = await makeRunnerHost({action: resolve(here, here.endsWith('src') ? '..' : '../..')})
await undo(host)
host.end()
