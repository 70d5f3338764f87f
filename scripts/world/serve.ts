import {gitRequestListener} from './git-http.ts'
import {listen, type ServiceKind} from './service.ts'
import {tokenRequestListener} from './token-server.ts'

const LISTENERS = {'token-server': tokenRequestListener, 'git-server': gitRequestListener} as const

const [kind, folder] = process.argv.slice(2)
if (kind === undefined || !Object.hasOwn(LISTENERS, kind) || folder === undefined) {
  process.stderr.write(`usage: serve.ts ${Object.keys(LISTENERS).join('|')} <folder>\n`)
  process.exit(2)
}
listen(folder, kind as ServiceKind, LISTENERS[kind as ServiceKind](folder))
