import type {Command} from '../../src/host/host.ts'
import {lineOf} from '../support/fake-host.ts'
import {commandText} from './command-text.ts'
import {begunWith} from './course.ts'
import {PLACES} from './machine.ts'
import type {Found} from './rooted-files.ts'
import type {Played} from './scenario.ts'

const WIDTH = 100
const COMMAND = /^(?:ask|follow) (?=git\b|git-lfs\b|nvidia-smi\b|uv\b|\/)/
/** Steps that go beside each other, so that their deeds come in any order. */
const BESIDE: ReadonlySet<string | undefined> = new Set(['lock', 'preflight', 'builder'])
const SHOWN = /^(?:record|make folder|write|remove|stop|open|close|put|ask) /
const LOCK = /^remove \S+\/pylock\.[^/]+$/
const NOTED: ReadonlySet<string> = new Set(['error', 'warning', 'notice'])

/** A story as a text for a reviewer: what was given, planned, done, told, left and taken back. */
export function tellStory(played: Played): string {
  const {event, step, host, report, problems} = played
  const noted = host.told.filter(({level}) => NOTED.has(level))
  return joined([
    [`${event.name} on ${event.ref} of ${event.repository}, by ${event.actor}`, ...listed(step.written)],
    ['The plan, as the log begins', ...host.told.filter(({text}) => text.startsWith('Plan: ')).map(({text}) => text)],
    ...deedSections(played),
    ['The end', `conclusion: ${report?.conclusion ?? 'failure'}`, ...problems.map(code => `problem: ${code}`)],
    ['Outputs', ...listed(shownOutputs(host.outputs))],
    ['Annotations', ...noted.map(({level, text}) => `[${level}] ${text}`)],
    ['Summary', ...host.summaries],
    ['Files of the run when main has ended', ...fileLines(played)],
    ['What post takes back', ...undoneLines(played)]
  ])
}

/** What the commands of a story get as their environment, each set of variables once. */
export function tellEnvironments({host}: Played): string {
  const programsOf = new Map<string, Set<string>>()
  for (const command of host.asked) {
    const text = environmentText(command)
    const programs = programsOf.get(text) ?? new Set()
    programsOf.set(text, programs.add(nameOf(command)))
  }
  const sections = [...programsOf].map(([text, programs]) => [
    [...programs].toSorted().join(', '),
    ...(text === '' ? [] : [text])
  ])
  // Much is asked side by side, so the order of asking says nothing.
  return joined(sections.toSorted(([one = ''], [other = '']) => one.localeCompare(other)))
}

function nameOf({file, args}: Command): string {
  const program = file.split('/').at(-1) ?? file
  return `${program} ${args
    .slice(program === 'docker' ? 0 : args[0] === '-C' ? 2 : 0)
    .slice(0, 2)
    .join(' ')}`
}

function environmentText({env = {}}: Command): string {
  // A `Secret` prints its name.
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return lines.toSorted().join('\n')
}

function joined(sections: readonly (readonly string[])[]): string {
  return sections.map(([title = '', ...lines]) => sectionText(title, lines)).join('\n')
}

function sectionText(title: string, lines: readonly string[]): string {
  const text = lines.length === 0 ? '(nothing)' : lines.join('\n').trimEnd()
  return `${`━━ ${title} `.padEnd(WIDTH, '━')}\n${withPlaces(text)}\n`
}

/** What was done in order, step by step. Before the plan things are asked side by side, so those are sorted. */
function deedSections(played: Played): readonly (readonly string[])[] {
  const commands = [...played.host.asked]
  const asked: string[] = []
  const sections = [{title: 'Asked before the plan', deeds: asked}]
  let last: string | undefined
  for (const [at, deed] of played.did.entries()) {
    const begun = begunWith(deed)
    last = begun ?? last
    if (begun !== undefined) sections.push({title: `Step ${begun}`, deeds: []})
    else if (deed.startsWith('info Plan: ')) sections.push({title: 'Before the steps', deeds: []})
    const shown = COMMAND.test(deed) ? shownCommand(commands.shift()) : SHOWN.test(deed) ? `· ${deed}` : undefined
    const step = BESIDE.has(last) ? `Step ${played.steps[at]}` : undefined
    const section = sections.find(({title}) => title === step) ?? sections.at(-1)
    if (shown !== undefined) section?.deeds.push(shown)
  }
  const [, ...others] = sections.map(({title, deeds}) => [title, ...deeds])
  return [['Asked before the plan', ...new Set(asked.toSorted())], ...others]
}

function shownCommand(command: Command | undefined): string | undefined {
  if (command === undefined) return undefined
  return lineOf(command).length > WIDTH ? commandText(command) : `$ ${lineOf(command)}`
}

function shownOutputs(outputs: Readonly<Record<string, string>>): Record<string, string> {
  const {plan = '', ...others} = outputs
  return {plan: plan === '{}' ? plan : '(the plan above as JSON)', ...others}
}

function listed(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${name}: ${value.replaceAll('\n', '\n  ')}`)
}

function fileLines({files, secretFiles}: Played): readonly string[] {
  const nameOfSecret = ({path}: Found) => (secretFiles.has(path) ? `  [${secretFiles.get(path)}]` : '')
  return files.map(found => `${found.mode} ${found.path}${found.kind === 'folder' ? '/' : nameOfSecret(found)}`)
}

/** The last first. The lock is kept while the builder is made, whoever is first: it stands before what came ahead of both. */
function undoneLines({undid}: Played): readonly string[] {
  const deeds = undid.filter(deed => !deed.startsWith('debug '))
  const ofLock = deeds.filter(deed => LOCK.test(deed))
  const others = deeds.filter(deed => !LOCK.test(deed))
  const sorted = [...others.slice(0, -1), ...ofLock, ...others.slice(-1)]
  return sorted.map(deed => (COMMAND.test(deed) ? deed.replace(COMMAND, '$ ') : `· ${deed}`))
}

/** Paths and the run's name in words. */
function withPlaces(text: string): string {
  return text
    .replaceAll(new RegExp(`${PLACES.temp}/pytorch-cuda-image-[0-9]+-[0-9]+(?![.\\w-])`, 'g'), '<run>')
    .replaceAll(/pytorch-cuda-image-[0-9]+-[0-9]+/g, '<run name>')
    .replaceAll(PLACES.workspace, '<workspace>')
    .replaceAll(PLACES.action, '<action>')
    .replaceAll(PLACES.temp, '<temp>')
    .replaceAll(/[ \t]+$/gm, '')
}
