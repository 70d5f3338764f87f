import {PairError, parsePairs, parsePaths} from './command-files.ts'
import type {CommandEffects} from './line-reader.ts'
import type {JobLog} from './log.ts'
import type {WrittenFiles} from './result.ts'

/** What the processes of a job have changed for those that come later. */
export interface JobEffects {
  readonly outputs: Record<string, string>
  readonly state: Record<string, string>
  readonly environment: Record<string, string>
  readonly path: string[]
  readonly summaries: string[]
  hasFailed: boolean
}

/** GitHub shows no summary of a step beyond this. */
const SUMMARY_LIMIT_BYTES = 2 ** 20

/** Variables that no step may set for later ones. */
const BLOCKED_VARIABLES = ['NODE_OPTIONS']

/** A job in which nothing has happened yet. */
export function makeJobEffects(): JobEffects {
  return {outputs: {}, state: {}, environment: {}, path: [], summaries: [], hasFailed: false}
}

/** Lets the old commands change a job; post's outputs reach nobody. */
export function commandEffectsOf(job: JobEffects): CommandEffects {
  return {
    setOutput(name, value) {
      job.outputs[name] = value
    },
    saveState(name, value) {
      job.state[name] = value
    },
    fail() {
      job.hasFailed = true
    }
  }
}

/** Takes over what a process wrote into its command files. It counts whether or not the process failed. */
export function takeEffects(job: JobEffects, files: WrittenFiles, log: JobLog): void {
  for (const folder of parsePaths(files.path)) {
    if (job.path.includes(folder)) job.path.splice(job.path.indexOf(folder), 1)
    job.path.push(folder)
  }
  for (const [name, value] of Object.entries(readPairs('env', files.env, job, log))) setVariable(job, name, value, log)
  takeSummary(job, files.summary, log)
  for (const [name, value] of Object.entries(readPairs('state', files.state, job, log))) {
    job.state[name] = value
    log.say('debug', `Save intra-action state ${name} = ${value}`)
  }
  for (const [name, value] of Object.entries(readPairs('output', files.output, job, log))) {
    job.outputs[name] = value
    log.say('debug', `Set output ${name} = ${value}`)
  }
}

function readPairs(file: string, content: Buffer, job: JobEffects, log: JobLog): Readonly<Record<string, string>> {
  try {
    return parsePairs(content)
  } catch (error) {
    if (!(error instanceof PairError)) throw error
    log.say('error', `Unable to process file command '${file}' successfully.`)
    log.say('error', error.message)
    job.hasFailed = true
    return error.pairs
  }
}

function setVariable(job: JobEffects, name: string, value: string, log: JobLog): void {
  if (BLOCKED_VARIABLES.includes(name.toUpperCase())) {
    log.say('error', `Can't store ${name} output parameter using '$GITHUB_ENV' command.`)
    job.hasFailed = true
    return
  }
  job.environment[name] = value
}

function takeSummary(job: JobEffects, content: Buffer, log: JobLog): void {
  if (content.length === 0) return
  if (content.length > SUMMARY_LIMIT_BYTES) {
    const size = Math.ceil(content.length / 1024)
    log.say('error', `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${size}k.`)
    return
  }
  job.summaries.push(content.toString('utf8'))
}
