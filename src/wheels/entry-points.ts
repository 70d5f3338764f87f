import {LAYOUT} from './layout.ts'

/** A script that an installer makes: its name, and what it calls. */
export interface EntryPoint {
  readonly name: string
  readonly module: string
  /** `main`, `Command.run`; empty where the module itself is the program. */
  readonly attribute: string
}

const SCRIPT_SECTIONS: ReadonlySet<string> = new Set(['console_scripts', 'gui_scripts'])
/** `name = package.module:attribute [extra]`. */
const LINE = /^([^=\s][^=]*?)\s*=\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?$/

/** The scripts of an `entry_points.txt`; undefined for a line that says nothing an installer understands. */
export function parseEntryPoints(text: string): readonly EntryPoint[] | undefined {
  const found: EntryPoint[] = []
  let section = ''
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const [, header] = /^\[(.+)\]$/.exec(line) ?? []
    if (header !== undefined) section = header.trim()
    else if (SCRIPT_SECTIONS.has(section)) {
      const [, name, module, attribute = ''] = LINE.exec(line) ?? []
      if (name === undefined || module === undefined || !isScriptName(name)) return undefined
      found.push({name, module, attribute})
    }
  }
  return found
}

/** The program behind an entry point. */
export function scriptOf({module, attribute}: EntryPoint): string {
  const [name = ''] = attribute.split('.')
  if (attribute === '') return [`#!${LAYOUT.interpreter}`, `import ${module}`, ''].join('\n')
  // Guarded, because processes that multiprocessing starts read the script again.
  const guarded = [`from ${module} import ${name}`, '', "if __name__ == '__main__':", `    sys.exit(${attribute}())`]
  return [`#!${LAYOUT.interpreter}`, 'import sys', '', ...guarded, ''].join('\n')
}

/**
 * A script of the wheel with the image's own Python in its first line; as it is where that line asks for something else.
 *
 * `#!python` is what the wheel specification has writers put there.
 */
export function withInterpreter(script: Uint8Array): Uint8Array {
  const end = script.indexOf(0x0a)
  const first = Buffer.from(end === -1 ? script : script.subarray(0, end))
    .toString('latin1')
    .replace(/\r$/, '')
  const [, words] = /^#!\s*pythonw?(?=\s|$)(.*)$/.exec(first) ?? []
  if (words === undefined) return script
  return Buffer.concat([
    Buffer.from(`#!${LAYOUT.interpreter}${words}`),
    end === -1 ? Buffer.alloc(0) : script.subarray(end)
  ])
}

function isScriptName(name: string): boolean {
  return !/[/\\\p{Cc}]/u.test(name) && name !== '.' && name !== '..' && !name.startsWith('.wh.')
}
