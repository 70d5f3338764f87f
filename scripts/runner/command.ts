/** A workflow command, for example `::warning file=a.txt,line=3::words`. */
export interface WorkflowCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

const COMMAND = /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/s
// The older form, which the runner still reads, and anywhere in a line.
const OLD_COMMAND = /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/s

/** Reads a line as a workflow command; undefined where it is plain text. Whether the name is known is not asked here. */
export function parseCommand(line: string): WorkflowCommand | undefined {
  const found = COMMAND.exec(line)
  if (found !== null) return commandOf(found, ',')
  const old = OLD_COMMAND.exec(line)
  return old === null ? undefined : commandOf(old, ';')
}

function commandOf(found: RegExpExecArray, separator: string): WorkflowCommand {
  const [, name = '', properties = '', data = ''] = found
  return {name: name.toLowerCase(), properties: parseProperties(properties, separator), data: unescapeData(data)}
}

function parseProperties(text: string, separator: string): Record<string, string> {
  const properties: Record<string, string> = {}
  for (const pair of text.split(separator)) {
    const sign = pair.indexOf('=')
    if (sign <= 0 || sign === pair.length - 1) continue
    properties[pair.slice(0, sign).trim()] = unescapeProperty(pair.slice(sign + 1))
  }
  return properties
}

// The percent sign comes last, as in the runner: `%250A` is the text `%0A`, not a line break.
function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%5D', ']'))
}
