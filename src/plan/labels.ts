import {isSameImage} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import {LABELS} from '../model/labels.ts'
import {archListOf} from '../pytorch/coverage.ts'
import type {Variant} from './variant.ts'

/** Names and values, each name once. */
export type Labels = Readonly<Record<string, string>>

/**
 * What an image says of itself: where it comes from and what is in it. Labels of the user win.
 *
 * All of it follows from the commit, so that the same commit gives the same configuration.
 */
export function labelsOf(
  facts: Facts,
  {variant, version, lock}: {variant: Variant; version: string; lock?: string | undefined}
): Labels {
  const {event, source, inputs} = facts
  const {owner, name} = event.repository
  const address = `${event.serverUrl}/${owner}/${name}`
  const said = {
    // GitHub links a package to its repository by this one.
    [LABELS.source]: address,
    [LABELS.url]: address,
    [LABELS.revision]: event.sha,
    [LABELS.created]: source.committedAt,
    [LABELS.version]: version,
    [LABELS.title]: titleOf(facts),
    [LABELS.torch]: variant.torch,
    [LABELS.cuda]: variant.cuda,
    [LABELS.python]: variant.python,
    [LABELS.minDriver]: variant.driver?.oldest,
    [LABELS.archList]: archListLabel(variant),
    [LABELS.lock]: lock
  }
  const known = Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))
  return {...Object.fromEntries(known), ...Object.fromEntries(inputs.labels.map(({name, value}) => [name, value]))}
}

/**
 * What only the index says: the run that made it, by which a moving tag knows what is older.
 *
 * It stays out of the configuration, which would be another one for each run of the same commit.
 */
export function runLabelsOf({event}: Facts): Labels {
  return {[LABELS.workflow]: event.workflow, [LABELS.runNumber]: String(event.runNumber)}
}

/** Known only where the whole set is; an empty list says nothing and is left out. */
function archListLabel({torch, cuda, set}: Variant): string | undefined {
  const list = torch === undefined || cuda === undefined || set === undefined ? undefined : archListOf(set)
  return list === '' ? undefined : list
}

/** The last part of the image's name. */
function titleOf({inputs, event}: Facts): string {
  const [first] = inputs.images.filter((image, at, all) => all.findIndex(other => isSameImage(other, image)) === at)
  return first?.repository.split('/').at(-1) ?? event.repository.name
}
