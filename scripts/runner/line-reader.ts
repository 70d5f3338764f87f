import {parseCommand, type WorkflowCommand} from './command.ts'
import type {Masks} from './masks.ts'
import type {Annotation, LogLine, Speaker} from './result.ts'

/** Takes the raw lines of one process and carries out the commands in them. */
export interface LineReader {
  /** Reads a line and says whether it registered a mask: only such a line may hold a secret. */
  read(line: string): 'mask' | 'other'
}

/** What the old commands (`set-output`, `save-state`) and the forbidden ones change. */
export interface CommandEffects {
  setOutput(name: string, value: string): void
  saveState(name: string, value: string): void
  /** A command that the runner refuses makes the step fail. */
  fail(): void
}

/** What a reader works on. */
export interface ReaderParts {
  readonly stage: 'main' | 'post'
  readonly masks: Masks
  readonly effects: CommandEffects
  put(by: Speaker, kind: LogLine['kind'], text: string): void
  annotate(by: Speaker, annotation: Pick<Annotation, 'level' | 'message' | 'properties'>): void
}

interface Reader extends ReaderParts {
  isEchoing: boolean
  /** Set while commands are stopped: the word that starts them again. */
  resumeWord?: string | undefined
}

interface CommandRow {
  readonly run: (command: WorkflowCommand, reader: Reader) => void
  /** `::echo::on` shows a command before it is carried out, but not these. */
  readonly isNeverEchoed?: boolean
}

const COMMANDS: Readonly<Record<string, CommandRow>> = {
  error: {run: annotateAs('error'), isNeverEchoed: true},
  warning: {run: annotateAs('warning'), isNeverEchoed: true},
  notice: {run: annotateAs('notice'), isNeverEchoed: true},
  debug: {run: (command, reader) => reader.put(reader.stage, 'debug', command.data), isNeverEchoed: true},
  group: {run: (command, reader) => reader.put(reader.stage, 'group', command.data)},
  endgroup: {run: (_, reader) => reader.put(reader.stage, 'endgroup', '')},
  echo: {run: switchEcho},
  'add-mask': {run: addMask, isNeverEchoed: true},
  'stop-commands': {run: stopCommands, isNeverEchoed: true},
  'set-output': {run: setByCommand},
  'save-state': {run: setByCommand},
  'set-env': {run: refuse},
  'add-path': {run: refuse},
  // Problem matchers change nothing that can be seen here.
  'add-matcher': {run: () => {}},
  'remove-matcher': {run: () => {}}
}

/** Makes the reader of one process. */
export function makeLineReader(parts: ReaderParts): LineReader {
  const reader: Reader = {...parts, isEchoing: false}
  return {
    read(line) {
      const command = parseCommand(line)
      const row = command !== undefined && Object.hasOwn(COMMANDS, command.name) ? COMMANDS[command.name] : undefined
      if (reader.resumeWord !== undefined) {
        reader.put(reader.stage, 'text', line)
        if (command?.name === reader.resumeWord) reader.resumeWord = undefined
        return 'other'
      }
      if (command === undefined || row === undefined) {
        reader.put(reader.stage, 'text', line)
        return 'other'
      }
      if (reader.isEchoing && row.isNeverEchoed !== true) reader.put(reader.stage, 'text', line)
      row.run(command, reader)
      return command.name === 'add-mask' ? 'mask' : 'other'
    }
  }
}

function annotateAs(level: Annotation['level']): CommandRow['run'] {
  return (command, reader) =>
    reader.annotate(reader.stage, {level, message: command.data, properties: command.properties})
}

function switchEcho(command: WorkflowCommand, reader: Reader): void {
  reader.isEchoing = command.data.trim().toLowerCase() === 'on'
}

function stopCommands(command: WorkflowCommand, reader: Reader): void {
  reader.put(reader.stage, 'text', `::stop-commands::${command.data}`)
  reader.resumeWord = command.data.toLowerCase()
}

function addMask(command: WorkflowCommand, reader: Reader): void {
  if (command.data.trim() === '') {
    sayAsRunner(reader, 'warning', "Can't add secret mask for empty string in ##[add-mask] command.")
    return
  }
  if (reader.isEchoing) reader.put(reader.stage, 'text', '::add-mask::***')
  reader.masks.add(command.data)
}

function setByCommand(command: WorkflowCommand, reader: Reader): void {
  const name = command.properties.name ?? ''
  const words = `The \`${command.name}\` command is deprecated. Please upgrade to using Environment Files.`
  sayAsRunner(reader, 'warning', words)
  if (name === '') reader.effects.fail()
  else if (command.name === 'set-output') reader.effects.setOutput(name, command.data)
  else reader.effects.saveState(name, command.data)
}

function refuse(command: WorkflowCommand, reader: Reader): void {
  sayAsRunner(reader, 'error', `Unable to process command '${command.name}' successfully. It is disabled.`)
  reader.effects.fail()
}

function sayAsRunner(reader: Reader, level: Annotation['level'], message: string): void {
  reader.annotate('runner', {level, message, properties: {}})
}
