// Jest's transform: Node's own type stripping, so that tests run the very syntax that Node 24 runs.
// Types are replaced by blanks, hence line and column numbers stay true and no source map is needed.
import {stripTypeScriptTypes} from 'node:module'

export default {
  process(source) {
    return {code: stripTypeScriptTypes(source, {mode: 'strip'})}
  }
}
