import type {Measured} from './measure.ts'
import type {Part, Scene, Story} from './story.ts'

/** What stories yielded, and why parts of them did not. */
export interface Played {
  readonly measured: Map<string, Measured>
  /** By the name of a measurement. */
  readonly missing: Map<string, string>
}

/** What is done around the parts. */
export interface Staging {
  /** Sets up where a story plays, and takes it down. */
  open(story: Story): Promise<{readonly scene: Scene; close(): Promise<void>}>
  /** Before each part. */
  prepare(part: Part): Promise<void>
  /** After each part, for whoever wants to keep what there is so far; `failure` says why it has no measurements. */
  onPart(part: Part, so: {readonly played: Played; readonly failure?: string}): void
}

/**
 * Plays stories one after the other; what fails loses its own measurements and those that stand on it, and no others.
 */
export async function playStories(stories: readonly Story[], staging: Staging): Promise<Played> {
  const played: Played = {measured: new Map(), missing: new Map()}
  for (const story of stories) {
    try {
      await playStory(story, staging, played)
    } catch (thrown) {
      const names = story.parts.flatMap(({yields}) => yields).filter(name => !played.measured.has(name))
      for (const name of names) played.missing.set(name, played.missing.get(name) ?? wordsOf(thrown))
    }
  }
  return played
}

async function playStory(story: Story, staging: Staging, played: Played): Promise<void> {
  const {scene, close} = await staging.open(story)
  const failures = new Map<string, string>()
  try {
    for (const part of story.parts) {
      const failure = await playPart(part, {scene, staging, played, failures})
      if (failure !== undefined) {
        failures.set(part.name, failure)
        for (const name of part.yields) played.missing.set(name, failure)
      }
      staging.onPart(part, {played, ...(failure === undefined ? {} : {failure})})
    }
  } finally {
    await close()
  }
}

/** Why a part yielded nothing; undefined where it did. */
async function playPart(
  part: Part,
  {
    scene,
    staging,
    played,
    failures
  }: {
    readonly scene: Scene
    readonly staging: Staging
    readonly played: Played
    readonly failures: ReadonlyMap<string, string>
  }
): Promise<string | undefined> {
  const obstacle = part.after.find(name => failures.has(name))
  if (obstacle !== undefined) return `It stands on "${obstacle}", which failed: ${failures.get(obstacle)}`
  try {
    await staging.prepare(part)
    for (const [name, value] of Object.entries(await part.play(scene))) played.measured.set(name, value)
    return undefined
  } catch (thrown) {
    return wordsOf(thrown)
  }
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
